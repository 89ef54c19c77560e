import { DataError } from '../../../lib/base/errors.ts'
import { fromBase58 } from '../../../lib/sources/decode/base58.ts'
import { SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { CLOCK } from './cast.ts'
import { type Chain, type Landed, LIFE, SLOT_AHEAD } from './chain.ts'
import { type Account, RENT } from './programs.ts'

/** How one answer differs from that of an honest node at the newest block. */
export interface Twist {
  /** Blocks that the node is behind. */
  lag: number
  /** It denies what it has seen. */
  denies: boolean
  /** What is sent through it reaches nobody, or so many blocks later. */
  drops: boolean
  delay: number
  /** Up to this block it has lost what was in them; only accounts are left. */
  forgets: number
  /** It tells slots that have not been yet. */
  ahead: number
}

export const HONEST: Twist = { lag: 0, denies: false, drops: false, delay: 0, forgets: 0, ahead: 0 }
/**
 * Blocks from which on one is confirmed, and final, by those on top of it: under votes, and where a
 * certificate makes a block final at once (Alpenglow).
 */
const BEHIND = {
  tower: { processed: 0, confirmed: 1, finalized: 32 },
  alpenglow: { processed: 0, confirmed: 1, finalized: 1 },
} as const
export const GENESIS = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'

interface View extends Twist {
  chain: Chain
  /** Newest block of the node, and that of the commitment that was asked for. */
  newest: number
  height: number
}

/** A node of the model: the questions that live trading asks, in the words of JSON-RPC. */
export function answerOf(
  { chain, name }: { chain: Chain; name: string },
  method: string,
  params: readonly any[],
  twist: Twist,
) {
  const config = params.at(-1)
  const commitment: keyof (typeof BEHIND)['tower'] = config?.commitment ?? 'finalized'
  // "Planned for removal": a chain that began without votes knows the word no more.
  if (commitment === 'confirmed' && chain.consensus() === 'alpenglow' && !chain.hadVotes())
    throw new DataError(`rpc: ${method}: -32602 Invalid param: unknown commitment`)
  const newest = chain.tip() - twist.lag
  const behind = BEHIND[chain.consensus()]
  const view: View = { ...twist, chain, newest, height: newest - behind[commitment] }
  if (method === 'getIdentity') return { identity: name }
  const work = METHODS[method]
  if (work === undefined) throw new DataError(`rpc: ${method}: -32601 Method not found`)
  return work(view, params[0], params[1])
}

const valued = ({ height }: View, value: unknown, slot = height) => ({
  context: { slot: slot + SLOT_AHEAD },
  value,
})

/** Bytes of a token account (spl-token state.rs), in base64. */
const heads = new Map<string, Buffer>()
function bytesOf({ token, bytes }: Account): Buffer {
  if (token === undefined) return bytes ?? EMPTY
  const name = `${token.mint} ${token.owner}`
  const head =
    heads.get(name) ??
    Buffer.concat([fromBase58(token.mint), fromBase58(token.owner), Buffer.alloc(101)])
  heads.set(name, head)
  const made = Buffer.from(head)
  made.writeBigUInt64LE(token.amount, 64)
  made[108] = 1
  return made
}
const EMPTY = Buffer.alloc(0)

function accountJson(account: Account | undefined, slice?: { offset: number; length: number }) {
  if (account === undefined || account.lamports === 0n) return null
  const bytes = bytesOf(account)
  const { offset = 0, length = bytes.length } = slice ?? {}
  const data = bytes.subarray(offset, offset + length).toString('base64')
  return { owner: account.owner, lamports: Number(account.lamports), data: [data, 'base64'] }
}

/** Sysvar clock: four numbers of 8 bytes, then the time in seconds. */
function clockAccount({ chain, height }: View): Account {
  const bytes = Buffer.alloc(40)
  bytes.writeBigInt64LE(BigInt(Math.floor(chain.timeOf(height) / 1000)), 32)
  return { owner: SYSTEM, lamports: 1n, bytes }
}

const seenBy = (view: View, signature: string): Landed | undefined => {
  const landed = view.chain.landed.get(signature)
  const isKnown = landed && landed.height <= view.newest && landed.height > view.forgets
  return isKnown && !view.denies ? landed : undefined
}

const METHODS: Record<string, (view: View, first: any, second: any) => unknown> = {
  getGenesisHash: () => GENESIS,
  getAgGenesisCert: ({ chain }) => (chain.consensus() === 'tower' ? null : { slot: 1 }),
  getEpochInfo: ({ height }) => ({ blockHeight: height, absoluteSlot: height + SLOT_AHEAD }),
  getBlockHeight: ({ height }) => height,
  getLatestBlockhash: view =>
    valued(view, {
      blockhash: view.chain.blockhash(view.height),
      lastValidBlockHeight: view.height + LIFE,
    }),
  getRecentPerformanceSamples: ({ chain }) => [
    { numSlots: Math.round(60_000 / chain.slotMs()), samplePeriodSecs: 60 },
  ],
  getMinimumBalanceForRentExemption: () => Number(RENT),
  getRecentPrioritizationFees: () =>
    [0, 1000, 5000].map(prioritizationFee => ({ prioritizationFee })),
  getMultipleAccounts: (view, keys: string[], config) =>
    valued(
      view,
      keys.map(key =>
        accountJson(
          key === CLOCK ? clockAccount(view) : view.chain.get(key, view.height),
          config?.dataSlice,
        ),
      ),
    ),
  getTokenLargestAccounts: (view, mint: string) => {
    const found = [...view.chain.keys()].flatMap(address => {
      const token = view.chain.get(address, view.height)?.token
      return token?.mint === mint && token.amount > 0n ? [{ address, amount: token.amount }] : []
    })
    found.sort((a, b) => (a.amount < b.amount ? 1 : -1))
    return valued(
      view,
      found.slice(0, 20).map(({ address, amount }) => ({ address, amount: String(amount) })),
    )
  },
  getTokenAccountsByOwner: (view, owner: string, { programId }) =>
    valued(
      view,
      [...view.chain.keys()].flatMap(pubkey => {
        const account = view.chain.get(pubkey, view.height)
        if (account?.token?.owner !== owner || account.owner !== programId) return []
        return [{ pubkey, account: accountJson(account) }]
      }),
    ),
  getSignatureStatuses: (view, [signature]: string[]) => {
    const landed = seenBy(view, signature ?? '')
    if (landed === undefined) return valued(view, [null], view.newest)
    const age = view.newest - landed.height
    const { confirmed, finalized } = BEHIND[view.chain.consensus()]
    const confirmationStatus =
      age >= finalized ? 'finalized' : age >= confirmed ? 'confirmed' : 'processed'
    return valued(view, [{ err: errorJson(landed), confirmationStatus }], view.newest)
  },
  getTransaction: (view, signature: string) => {
    const landed = seenBy(view, signature)
    return landed === undefined || landed.height > view.height
      ? null
      : transactionJson(landed, view.ahead)
  },
  getSignaturesForAddress: (view, address: string, { until, before }) => {
    const rows = [...view.chain.landed.values()].filter(
      ({ wire, height }) =>
        height <= view.height && height > view.forgets && wire.keys.includes(address),
    )
    const newestFirst = rows.map(({ wire, height }) => ({
      signature: wire.signature,
      blockTime: Math.floor(view.chain.timeOf(height) / 1000),
    }))
    newestFirst.reverse()
    const from = before === undefined ? 0 : 1 + newestFirst.findIndex(r => r.signature === before)
    const to = newestFirst.findIndex(({ signature }) => signature === until)
    return newestFirst.slice(from, to < 0 ? undefined : to)
  },
  simulateTransaction: (view, text: string, { accounts }) => {
    const wire = probe(view.chain, text)
    if (wire === undefined) throw new DataError('rpc: simulateTransaction: -32602 version')
    const { error, get } = view.chain.tryOut(wire)
    const addresses: string[] = accounts?.addresses ?? []
    const logs = error === undefined ? [] : [`Program failed: ${error.message}`]
    const after = error === undefined ? addresses.map(key => accountJson(get(key))) : []
    return valued(view, { err: errorJson({ error }), unitsConsumed: 90_000, accounts: after, logs })
  },
  sendTransaction: ({ chain, drops, delay }, text: string) => {
    const wire = chain.read(Buffer.from(text, 'base64'))
    if (!drops) chain.put(wire, delay)
    return wire.signature
  },
}

/** Undefined for what is of version 1, which this chain does not take. */
function probe(chain: Chain, text: string) {
  const bytes = Buffer.from(text, 'base64')
  return bytes[0] === 0x81 ? undefined : chain.read(bytes)
}

const errorJson = ({ error }: Pick<Landed, 'error'>) =>
  error === undefined ? null : { InstructionError: [error.at, { Custom: error.code }] }

function transactionJson({ wire, height, fee, before, after, ...landed }: Landed, ahead: number) {
  const { keys, ownKeys, writableLookups } = wire
  const rows = (accounts: typeof before) =>
    accounts.flatMap((account, accountIndex) =>
      account?.token === undefined
        ? []
        : [
            {
              accountIndex,
              mint: account.token.mint,
              owner: account.token.owner,
              uiTokenAmount: { amount: String(account.token.amount) },
            },
          ],
    )
  const lamports = (accounts: typeof before) => accounts.map(each => Number(each?.lamports ?? 0n))
  return {
    slot: height + SLOT_AHEAD + ahead,
    meta: {
      err: errorJson(landed),
      fee: Number(fee),
      preBalances: lamports(before),
      postBalances: lamports(after),
      preTokenBalances: rows(before),
      postTokenBalances: rows(after),
      loadedAddresses: {
        writable: keys.slice(ownKeys, ownKeys + writableLookups),
        readonly: keys.slice(ownKeys + writableLookups),
      },
    },
    transaction: { signatures: [wire.signature], message: { accountKeys: keys.slice(0, ownKeys) } },
  }
}
