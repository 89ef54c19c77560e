import { FailedTransactionMetadata, LiteSVM, Rent, type TransactionMetadata } from 'litesvm'
import { TOKEN, TOKEN_2022 } from '../../lib/sources/decode/programs.ts'
import { base58 } from '../lib/sources/decode/bytes.ts'
import { errorOf, type TransactionError } from './errors.ts'
import { at, decodeWire, feeOf, type Wire } from './wire.ts'

export type Commitment = 'processed' | 'confirmed' | 'finalized'
/** How many blocks behind the newest a commitment is. */
const BEHIND = { processed: 0, confirmed: 1, finalized: 32 } as const
/** A blockhash is good for so many blocks. */
export const LIFE = 150
const KEPT_HASHES = 400
/** Height runs behind slots: some slots have no block. */
const SLOT_AHEAD = 100

/** What differs between chains: mainnet until summer 2026, and as of that autumn. */
export interface ClusterProfile {
  slotMs: number
  consensus: 'tower' | 'alpenglow' | 'unknown'
  /** Lamports a byte; accounts are charged 128 bytes on top of their own. */
  rentPerByte: bigint
  /** Highest version of a transaction that its nodes take. */
  transactionVersion: 0 | 1
}
export const TOWER: ClusterProfile = {
  slotMs: 400,
  consensus: 'unknown',
  rentPerByte: 6960n,
  transactionVersion: 0,
}
export const ALPENGLOW: ClusterProfile = {
  slotMs: 214,
  consensus: 'alpenglow',
  rentPerByte: 5080n,
  transactionVersion: 1,
}

/** What an account holds, before or after a transaction. */
export interface Holding {
  lamports: bigint
  token:
    | { mint: string; owner: string; amount: bigint; program: string; decimals: number }
    | undefined
}

/** A transaction that a block holds. */
export interface Landed {
  wire: Wire
  slot: number
  error: TransactionError | null
  logs: string[]
  units: number
  fee: bigint
  before: Holding[]
  after: Holding[]
}

export interface Simulated {
  error: TransactionError | null
  logs: string[]
  units: number
  after: Map<string, { lamports: bigint; owner: string; executable: boolean; data: Buffer }>
}

/** A Solana cluster in the process: real programs, blocks that pass when told to. */
export interface Cluster {
  profile: ClusterProfile
  svm: LiteSVM
  slot(): number
  /** Event time of the newest block, ms. */
  now(): number
  height(commitment?: Commitment): number
  /** Lets blocks pass. */
  advance(blocks?: number): void
  /** Called after blocks have passed and after a transaction has landed. */
  onChange(listener: (landed: Landed | undefined) => void): void
  blockhash(commitment?: Commitment): { blockhash: string; lastValid: number }
  /**
   * Last height at which a blockhash is good, as known at a commitment; undefined for one not known
   * there.
   */
  lastValid(blockhash: string, commitment?: Commitment): number | undefined
  decode(base64: string): Wire
  /**
   * Puts a transaction into the newest block, however it ends; what cannot be in a block is
   * undefined.
   */
  land(wire: Wire): Landed | undefined
  simulate(wire: Wire, hasSignatures: boolean): Simulated
  landed: Map<string, Landed>
}

const isDropped = (error: TransactionError | null): boolean => typeof error === 'string'

export function makeCluster(startAt = 1_763_685_000_000, profile = TOWER): Cluster {
  // Blockhashes age here: the machine by itself takes its newest only.
  const svm = new LiteSVM().withNativeMints().withBlockhashCheck(false)
  svm.setRent(new Rent(profile.rentPerByte, 1, 50))
  // Alpenglow decides at once: what is confirmed is final (solana.com, finality).
  const behind = profile.consensus === 'alpenglow' ? { ...BEHIND, finalized: 1 } : BEHIND
  const hashes: { blockhash: string; height: number }[] = []
  const listeners: ((landed: Landed | undefined) => void)[] = []
  let height = 0
  const tell = (landed?: Landed): void => {
    for (const listener of listeners) listener(landed)
  }
  const cluster: Cluster = {
    svm,
    profile,
    landed: new Map(),
    slot: () => height + SLOT_AHEAD,
    now: () => startAt + height * profile.slotMs,
    height: (commitment = 'processed') => Math.max(0, height - behind[commitment]),
    advance(blocks = 1) {
      for (let i = 0; i < blocks; i++) {
        height++
        svm.expireBlockhash()
        hashes.push({ blockhash: svm.latestBlockhash(), height })
      }
      hashes.splice(0, Math.max(0, hashes.length - KEPT_HASHES))
      const clock = svm.getClock()
      clock.slot = BigInt(cluster.slot())
      clock.unixTimestamp = BigInt(Math.floor(cluster.now() / 1000))
      svm.setClock(clock)
      tell()
    },
    onChange: listener => void listeners.push(listener),
    blockhash(commitment = 'processed') {
      const known = hashes.filter(each => each.height <= cluster.height(commitment)).at(-1)
      if (known === undefined) throw new Error(`no ${commitment} block yet`)
      return { blockhash: known.blockhash, lastValid: known.height + LIFE }
    },
    lastValid(blockhash, commitment = 'processed') {
      const known = hashes.find(each => each.blockhash === blockhash)
      return known === undefined || known.height > cluster.height(commitment)
        ? undefined
        : known.height + LIFE
    },
    decode: base64 => decodeWire(svm, base64),
    land(wire) {
      const already = cluster.landed.get(wire.signature)
      if (already !== undefined) return already
      const { before, result, after } = around(svm, wire)
      const { error, meta } = result
      // A transaction that fails before its first instruction pays nothing and is in no block.
      if (isDropped(error)) return undefined
      const landed = { wire, slot: cluster.slot(), error, fee: feeOf(wire), before, after, ...meta }
      cluster.landed.set(wire.signature, landed)
      tell(landed)
      return landed
    },
    simulate: (wire, hasSignatures) => simulated(svm, wire, hasSignatures),
  }
  return cluster
}

function around(svm: LiteSVM, wire: Wire) {
  const before = wire.keys.map(key => holdingOf(svm, key))
  const outcome = svm.sendTransaction(wire.transaction)
  const hasFailed = outcome instanceof FailedTransactionMetadata
  const result = {
    error: hasFailed ? errorOf(outcome) : null,
    meta: metaOf(hasFailed ? outcome.meta() : outcome),
  }
  return { before, result, after: wire.keys.map(key => holdingOf(svm, key)) }
}

const metaOf = (meta: TransactionMetadata) => ({
  logs: meta.logs(),
  units: Number(meta.computeUnitsConsumed()),
})

function simulated(svm: LiteSVM, wire: Wire, hasSignatures: boolean): Simulated {
  svm.withSigverify(hasSignatures)
  try {
    const outcome = svm.simulateTransaction(wire.transaction)
    if (outcome instanceof FailedTransactionMetadata)
      return { error: errorOf(outcome), ...metaOf(outcome.meta()), after: new Map() }
    const after = outcome.postAccounts().map(account => {
      const { lamports, programAddress: owner, executable, data } = account
      return [account.address, { lamports, owner, executable, data: Buffer.from(data) }] as const
    })
    return {
      error: null,
      ...metaOf(outcome.meta()),
      after: new Map<string, Simulated['after'] extends Map<string, infer V> ? V : never>(after),
    }
  } finally {
    svm.withSigverify(true)
  }
}

const AMOUNT_AT = 64
const DECIMALS_AT = 44
const MINT_BYTES = 82

/** Lamports of an account, and its tokens when it is a token account. */
export function holdingOf(svm: LiteSVM, key: string): Holding {
  const account = svm.getAccount(at(key))
  if (!account.exists) return { lamports: 0n, token: undefined }
  const { lamports, programAddress: program } = account
  const data = Buffer.from(account.data)
  const isToken =
    (program === TOKEN || program === TOKEN_2022) && data.length > MINT_BYTES && data[165] !== 1
  if (!isToken) return { lamports, token: undefined }
  const mint = base58(data.subarray(0, 32))
  const owner = base58(data.subarray(32, AMOUNT_AT))
  const mintAccount = svm.getAccount(at(mint))
  const decimals = mintAccount.exists ? (mintAccount.data[DECIMALS_AT] ?? 0) : 0
  return {
    lamports,
    token: { mint, owner, amount: data.readBigUInt64LE(AMOUNT_AT), program, decimals },
  }
}
