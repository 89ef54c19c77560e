import { DataError } from '../../../base/errors.ts'
import type { Placed, SignedSwap } from '../../venue.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import { checkEffects, checkKinds, isOwn, MAX_RENT, type Snapshot } from '../sign/check-effects.ts'
import { checkTx } from '../sign/check-tx.ts'
import { ANY_BLOCKHASH } from '../sign/compile-tx.ts'
import { GUARD, type Promised } from '../sign/on-chain-guard.ts'
import { Refused } from '../sign/refused.ts'
import type { SwapTerms } from '../sign/swap-terms.ts'
import { type TxParts, tablesOf, txParts } from '../sign/tx-parts.ts'
import { CODE_HEAD, checkUnchanged, codeOf, type Meaning } from '../sign/unchanged.ts'
import { bytesOf, type Draft, draftOf, MAX_UNITS } from './draft.ts'
import { unitLimit, unitPrice } from './fees.ts'
import type { NoSwap, SwapTools } from './prepare-swap.ts'
import type { SwapQuote } from './swapper.ts'
import { termsFor } from './terms-for.ts'

/** Bytes that may be signed, as long as what they mean stays what it was. */
interface Checked {
  bytes: Buffer
  /** Last block height at which they may land; undefined when nobody has said. */
  lastValid: number | undefined
  requestId: string | undefined
  /** Lamports that it takes beside fees and deposits, as simulated. */
  pays: bigint
  /** Lookup tables that they name, and the code of the program that swaps. */
  tables: Meaning
  code: Meaning
}

const SIGNATURE_LAMPORTS = 5000n
/** Priced by us before it is signed: no cap yet. */
const ANY_FEE = 10n ** 12n

/** The transaction for a quote: taken apart, priced, simulated, checked. Not signed yet. */
export async function buildFor(
  tools: SwapTools,
  order: Placed,
  quote: SwapQuote,
  signal: AbortSignal,
): Promise<Checked | NoSwap> {
  const { solana } = tools
  const [terms, swap] = await Promise.all([
    termsFor(tools, order, quote, signal),
    tools.swapper.build(quote, signal),
  ])
  const draft = await draftOf(tools, swap, terms, signal)
  const parts = txParts(solana, draft.bytes, draft.tables)
  const isBuilt = draft.remake !== undefined
  const { program, isExact } = checkTx(
    parts,
    isBuilt ? { ...terms, maxPriorityFee: ANY_FEE } : terms,
    isBuilt,
  )
  const [before, [mint, guard], code] = await Promise.all([
    read(tools, namesIn(parts), signal, OWN_HEAD),
    tools.chain.accounts([order.mint, GUARD], signal),
    read(tools, [program, codeOf(solana, program)], signal, CODE_HEAD),
  ])
  if (order.side === 'buy' && mint !== undefined) tools.recheck?.(mint)
  checkKinds(before, namesIn(parts), terms)
  const making = {
    tools,
    order,
    quote,
    terms,
    draft,
    before,
    hasGuard: guard !== undefined,
    isExact,
    signal,
  }
  const ended = await (isBuilt ? priced(making, parts) : asItIs(making, parts))
  if ('isFinal' in ended) return ended
  const used = tablesOf(solana, ended.bytes)
  const tables = new Map([...draft.tables].filter(([key]) => used.includes(key)))
  return { ...ended, tables, code }
}

interface Making {
  tools: SwapTools
  order: Placed
  quote: SwapQuote
  terms: SwapTerms
  draft: Draft
  before: Snapshot
  /** The chain has the program that the guard is of. */
  hasGuard: boolean
  /** The data of the swap leave nothing open. */
  isExact: boolean
  signal: AbortSignal
}

type Made = Omit<Checked, 'tables' | 'code'>

/** A transaction of the exchange: simulated, and signed as it is or not at all. */
async function asItIs(making: Making, parts: TxParts): Promise<Made | NoSwap> {
  const { draft } = making
  refuseUnguarded(making, parts)
  const found = await simulate(making, draft.bytes, parts)
  if ('isFinal' in found) return found
  return {
    bytes: draft.bytes,
    lastValid: draft.built?.lastValid,
    requestId: draft.built?.requestId,
    pays: found.pays,
  }
}

/**
 * A transaction of ours: simulated with a guard, then made again with limit, price and blockhash,
 * and a guard that holds it to what the simulation promised.
 */
async function priced(making: Making, parts: TxParts): Promise<Made | NoSwap> {
  const { tools, order, quote, terms, draft, signal } = making
  const remake = draft.remake!
  const loose = { units: MAX_UNITS, price: 0n, blockhash: ANY_BLOCKHASH }
  const promised = guardFor(making, undefined)
  const guarded = promised === undefined ? undefined : remake({ ...loose, promised })
  const isGuarded = guarded !== undefined
  if (!isGuarded) {
    tools.count(promised === undefined ? 'guard-missing' : 'guard-does-not-fit')
    refuseUnguarded(making, parts)
  }
  let found = await simulate(making, guarded ?? draft.bytes, parts)
  // What the guard caught is looked at without it: the reason is in the effects.
  if (isGuarded && 'isFinal' in found) {
    const why = await simulate(making, draft.bytes, parts)
    if ('isFinal' in why) found = why
  }
  if ('isFinal' in found) return found
  const writes = namesIn(parts).filter(key => key !== terms.wallet && key !== terms.wrapped)
  const [recent, latest] = await Promise.all([
    tools.chain.recentFees([...quote.pools, ...writes], signal),
    tools.chain.latest(signal),
  ])
  const units = unitLimit(found.units)
  const price = unitPrice(recent, units, { floor: tools.floorPriorityFee, cap: order.priorityFee })
  const choice = { units, price, blockhash: latest.blockhash }
  const bytes = bytesOf(
    remake({ ...choice, promised: isGuarded ? guardFor(making, found) : undefined }),
  )
  checkTx(txParts(tools.solana, bytes, draft.tables), terms, true)
  return { bytes, lastValid: latest.lastValid, requestId: undefined, pays: found.pays }
}

/**
 * An account on the way with something in it has to be guarded on chain, or may not be named; so
 * has a swap whose amounts are not certain.
 */
function refuseUnguarded({ terms, isExact }: Making, { keys }: TxParts): void {
  if (!isExact) throw new Refused('unknown-swap', 'without a guard')
  for (const [key, amount] of terms.between)
    if (amount > 0n && keys.includes(key)) throw new Refused('other-account', key)
}

interface Simulation {
  units: number
  /** Lamports that left us, beside fees and deposits too; what the wallet had in the end. */
  takes: bigint
  pays: bigint
  left: bigint
}

async function simulate(
  { tools, terms, before, signal }: Making,
  bytes: Buffer,
  parts: TxParts,
): Promise<Simulation | NoSwap> {
  const names = namesIn(parts).filter(key => mayBeOurs(key, before.get(key), terms))
  const { failure, units, accounts } = await tools.chain.simulate(
    bytes.toString('base64'),
    names,
    signal,
  )
  if (failure !== undefined) return { reason: 'simulation', text: failure, isFinal: true }
  const after = new Map(names.map((name, i) => [name, accounts[i]] as const))
  const { takes, deposits } = checkEffects(before, after, terms, maxFeesOf(terms))
  const pays = takes - deposits - maxFeesOf(terms)
  return { units, takes, pays, left: after.get(terms.wallet)?.lamports ?? 0n }
}

const maxFeesOf = ({ maxPriorityFee, tip }: SwapTerms): bigint =>
  SIGNATURE_LAMPORTS + maxPriorityFee + tip

/**
 * What the chain is to hold the swap to: before a simulation only that nothing can be gone that was
 * not meant; after it, what it promised, less the fees that it did not know and what others of our
 * orders may take meanwhile. Undefined where the chain has no guard.
 */
function guardFor(
  { tools, order, terms, before, hasGuard }: Making,
  found: Simulation | undefined,
): Promised | undefined {
  if (!hasGuard) return undefined
  const isBuy = terms.side === 'buy'
  const token = before.get(isBuy ? terms.destination : terms.source)
  const was = token === undefined ? undefined : readTokenAccount(token.bytes)
  const held = was?.amount ?? 0n
  const fees = maxFeesOf(terms)
  const wallet = before.get(terms.wallet)?.lamports ?? 0n
  const least =
    found === undefined
      ? wallet - (isBuy ? terms.amount : 0n) - fees - MAX_RENT
      : // A sale may bring less than simulated, down to what was accepted.
        found.left - fees - (isBuy ? 0n : atLeastZero(fees - found.takes - terms.minOut))
  return {
    lamports: least - tools.takenByOthers(order),
    tokens: isBuy ? held + terms.minOut : held - terms.amount,
    isFree: was === undefined || !(was.hasDelegate || was.hasCloser),
    between: new Map([...terms.between].filter(([, amount]) => amount > 0n)),
  }
}

const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n)

/** Of accounts that are written to: pools and order books may be megabytes, ours are small. */
const OWN_HEAD = { offset: 0, length: 1024 } as const

/** What is ours, or could become ours: of others only what they do to us is of interest. */
const mayBeOurs = (
  key: string,
  account: ChainAccount | undefined,
  { wallet, source, destination }: SwapTerms,
): boolean =>
  account === undefined ||
  key === wallet ||
  key === source ||
  key === destination ||
  isOwn(account, wallet)

/**
 * Accounts that it may write to, which are all that it can change: the runtime lets no program
 * write to an account that a transaction does not name.
 */
const namesIn = ({ keys, writable }: TxParts): string[] => keys.filter((_, at) => writable.has(at))

async function read(
  { chain }: SwapTools,
  names: readonly string[],
  signal: AbortSignal,
  slice?: { offset: number; length: number },
): Promise<Map<string, ChainAccount | undefined>> {
  const accounts = await chain.accounts(names, signal, slice)
  return new Map(names.map((name, i) => [name, accounts[i]]))
}

/**
 * Signs, when tables and code are still what the simulation was made with; knows until when the
 * bytes may land: at most as long as the newest blockhash allows.
 */
export async function signFor(
  tools: SwapTools,
  order: Placed,
  checked: Checked,
  signal: AbortSignal,
): Promise<SignedSwap> {
  const { bytes, requestId, lastValid: told } = checked
  const [{ lastValid: latest }, tables, code, spent] = await Promise.all([
    tools.chain.latest(signal),
    read(tools, [...checked.tables.keys()], signal),
    read(tools, [...checked.code.keys()], signal, CODE_HEAD),
    // An exit does not wait for it.
    order.side === 'buy' ? tools.outflow.today(signal) : 0n,
  ])
  if (told !== undefined && told > latest + LEEWAY)
    throw new DataError(
      `the exchange says that the transaction lives until block ${told}, the chain until ${latest}`,
    )
  checkUnchanged(checked.tables, checked.code, new Map([...tables, ...code]))
  const signed = tools.signer.sign(bytes, order, { spent, pays: checked.pays })
  return {
    signature: signed.signature,
    tx: signed.bytes.toString('base64'),
    // The later of the two: believing a height that is too low would be taken for a proof of
    // expiry.
    lastValid: told === undefined || told < latest ? latest : told,
    ...(requestId !== undefined && { requestId }),
  }
}

/** Blocks by which the exchange's node may be ahead of ours. */
const LEEWAY = 50
