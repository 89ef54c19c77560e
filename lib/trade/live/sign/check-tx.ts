import { TOKEN, TOKEN_2022 } from '../../../sources/decode/programs.ts'
import { ASSOCIATED, COMPUTE_BUDGET, JUPITER, SYSTEM } from '../chain/solana.ts'
import { checkSwap } from './check-swap.ts'
import { GUARD, isAssertion } from './on-chain-guard.ts'
import { type Refusal, Refused } from './refused.ts'
import type { SwapTerms } from './swap-terms.ts'
import type { Instruction, TxParts } from './tx-parts.ts'

/** What it asks for beside the swap. */
interface TxFacts {
  units: bigint | undefined
  /** µlamports per unit; undefined = not told. */
  price: bigint | undefined
  /** Kinds of compute budget that it has told. */
  budgets: Set<number>
  /** The program that swaps, and whether the data of its swap leave nothing open. */
  program: string
  isExact: boolean
  /** Lamports that it wraps, and those it tips. */
  wrapped: bigint
  tip: bigint
}

const DEFAULT_UNITS = 200_000n
const MAX_UNITS = 1_400_000n

/**
 * Refuses a transaction that does anything but one swap. We pay its fee and nobody else signs.
 * Every instruction is of a program that a swap needs, and does to accounts of ours what a swap
 * does. No other token account of ours is so much as named. `isBuilt`: we put it together.
 */
export function checkTx(parts: TxParts, terms: SwapTerms, isBuilt: boolean): TxFacts {
  checkSigners(parts, terms)
  const swaps = parts.instructions.filter(({ program }) => isSwapper(program, terms))
  const [swap] = swaps
  if (swap === undefined) throw new Refused('no-swap', `${parts.instructions.length} instructions`)
  if (swaps.length > 1) throw new Refused('second-swap', `${swaps.length} swaps`)
  const facts: TxFacts = {
    units: undefined,
    price: undefined,
    budgets: new Set(),
    program: swap.program,
    isExact: false,
    wrapped: 0n,
    tip: 0n,
  }
  for (const each of parts.instructions) {
    if (parts.budget !== undefined && each.program === COMPUTE_BUDGET)
      throw new Refused('compute-budget', 'its header and an instruction')
    checkInstruction(each, terms, isBuilt, facts)
  }
  if (facts.wrapped > terms.amount || (facts.wrapped > 0n && terms.side === 'sell'))
    throw new Refused('sol-transfer', `it wraps ${facts.wrapped} lamports`)
  if (facts.tip > terms.tip) throw new Refused('sol-transfer', `it tips ${facts.tip} lamports`)
  checkNames(parts, terms)
  const fee = priorityFeeOf(parts, facts)
  if (fee > terms.maxPriorityFee)
    throw new Refused('priority-fee', `${fee} lamports, the most is ${terms.maxPriorityFee}`)
  return facts
}

/** Lamports that it offers for priority: told in all by version 1, else price × units. */
function priorityFeeOf({ budget, instructions }: TxParts, { units, price = 0n }: TxFacts): bigint {
  if (budget !== undefined) return budget.priorityFee ?? 0n
  const asked = units ?? DEFAULT_UNITS * BigInt(instructions.length)
  return ((asked > MAX_UNITS ? MAX_UNITS : asked) * price + 999_999n) / 1_000_000n
}

function checkSigners({ keys, signatures, signers }: TxParts, { wallet }: SwapTerms): void {
  if (keys[0] !== wallet) throw new Refused('fee-payer', `${keys[0]}`)
  if (signers !== 1 || signatures.length !== 1)
    throw new Refused('extra-signer', `${signers} signatures`)
  if (signatures[0]?.some(byte => byte !== 0) !== false)
    throw new Refused('signed-already', 'it was not empty')
}

/**
 * Whatever is not named cannot change, so other accounts of ours may not be named. Ours by the
 * message itself, not by a table: what a table holds is for others to change.
 */
function checkNames({ keys, ownKeys }: TxParts, terms: SwapTerms): void {
  const ours = new Set([terms.source, terms.destination, terms.wrapped, ...terms.between.keys()])
  const other = keys.find(key => terms.owned.has(key) && !ours.has(key))
  if (other !== undefined) throw new Refused('other-account', other)
  const loose = [terms.source, terms.destination].find(key => keys.indexOf(key) >= ownKeys)
  if (loose !== undefined) throw new Refused('lookup-table', `${loose} is named by a table`)
}

const isSwapper = (program: string, { programs }: SwapTerms): boolean =>
  program === JUPITER || programs.includes(program)

function checkInstruction(
  each: Instruction,
  terms: SwapTerms,
  isBuilt: boolean,
  facts: TxFacts,
): void {
  const { program } = each
  if (program === COMPUTE_BUDGET) readBudget(each, facts)
  else if (program === SYSTEM) checkSystem(each, terms, facts)
  else if (program === TOKEN || program === TOKEN_2022) checkToken(each, terms)
  else if (program === ASSOCIATED) checkNewAccount(each, terms)
  else if (isSwapper(program, terms)) facts.isExact = checkSwap(each, terms, isBuilt)
  // Assertions of the guard read only; ours are its last instructions.
  else if (program !== GUARD || !isBuilt || !isAssertion(each))
    throw new Refused('foreign-program', program)
}

/** Compute budget: limits of the heap, of units and of loaded bytes are u32, the price is u64. */
const BUDGETS = new Map([
  [1, 5],
  [2, 5],
  [3, 9],
  [4, 5],
])

function readBudget({ data }: Instruction, facts: TxFacts): void {
  const [tag = 0] = data
  if (BUDGETS.get(tag) !== data.length)
    throw new Refused('compute-budget', `instruction ${tag} of ${data.length} bytes`)
  if (facts.budgets.has(tag)) throw new Refused('compute-budget', `instruction ${tag} twice`)
  facts.budgets.add(tag)
  if (tag === 2) facts.units = BigInt(data.readUInt32LE(1))
  if (tag === 3) facts.price = data.readBigUInt64LE(1)
}

const NONCE = 4
const TRANSFER = 2

/** System program: 2 = transfer (u32 tag, u64 lamports), from and to; 4 = advance a nonce. */
function checkSystem({ accounts, data }: Instruction, terms: SwapTerms, facts: TxFacts): void {
  const tag = data.length < 4 ? undefined : data.readUInt32LE(0)
  if (tag === NONCE) throw new Refused('durable-nonce', `${accounts[0]}`)
  if (data.length !== 12 || tag !== TRANSFER) throw new Refused('system-call', `instruction ${tag}`)
  const [from, to = 'nobody'] = accounts
  const lamports = data.readBigUInt64LE(4)
  if (from === terms.wallet && to === terms.wrapped) facts.wrapped += lamports
  else if (from === terms.wallet && terms.tips.includes(to)) facts.tip += lamports
  else throw new Refused('sol-transfer', `${lamports} lamports from ${from} to ${to}`)
}

/** What instructions of the token programs mean (spl-token instruction.rs); others are refused. */
const TOKEN_CALLS = new Map<number, Refusal>([
  [3, 'token-transfer'],
  [4, 'approve'],
  [6, 'set-authority'],
  [7, 'token-transfer'],
  [8, 'token-transfer'],
  [12, 'token-transfer'],
  [13, 'approve'],
  [14, 'token-transfer'],
  [15, 'token-transfer'],
  [26, 'token-transfer'],
])
const CLOSE = 9
const SYNC_NATIVE = 17

/** Token programs: 17 = count wrapped SOL, 9 = close our account of wrapped SOL, back to us. */
function checkToken({ accounts, data }: Instruction, { wallet, wrapped }: SwapTerms): void {
  const [tag] = data
  const [account, to, by] = accounts
  if (tag === SYNC_NATIVE && data.length === 1 && account === wrapped) return
  if (tag === CLOSE) {
    if (data.length === 1 && account === wrapped && to === wallet && by === wallet) return
    throw new Refused('close-account', `${account} to ${to}`)
  }
  throw new Refused(TOKEN_CALLS.get(tag ?? -1) ?? 'token-call', `instruction ${tag} on ${account}`)
}

/** Associated token program: payer, account, owner, mint; 0 = create, 1 = create where missing. */
function checkNewAccount({ accounts, data }: Instruction, terms: SwapTerms): void {
  const [payer, account = '', owner] = accounts
  const ours = [terms.source, terms.destination, terms.wrapped, ...terms.between.keys()]
  if (data.length > 1 || (data[0] ?? 0) > 1)
    throw new Refused('account-for-others', `instruction ${data[0]}`)
  if (payer !== terms.wallet || owner !== terms.wallet || !ours.includes(account))
    throw new Refused('account-for-others', `${account} of ${owner}`)
}
