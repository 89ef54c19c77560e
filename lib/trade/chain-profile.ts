import { messageOf, show, UsageError } from '../base/errors.ts'
import { readText } from '../base/read-text.ts'
import type { Chain } from '../records/chain-part.ts'
import { isAddress } from '../sources/decode/base58.ts'

/**
 * What a chain is like, as far as money and time depend on it. It changes under whoever trades on
 * it, so live trading asks its node; paper and backtests take a profile: a file, or the one that
 * this release was made with.
 */
export interface ChainProfile {
  /** Which chain, and as of when. */
  name: string
  /** Mean time from one slot to the next, in ms. */
  slotMs: number
  /** Blocks after which a blockhash is dead. */
  lifetimeBlocks: number
  /** Deposit for a token account of 165 bytes, in lamports. */
  tokenAccountRent: bigint
  /** Votes of the TowerBFT kind, or Alpenglow’s certificates. */
  consensus: 'tower' | 'alpenglow' | 'unknown'
  /** From which word of the node on nothing is taken back. */
  commitment: 'confirmed' | 'finalized'
  /** Highest version of a transaction that is taken. */
  transactionVersion: number
  /** Hash of the first block, where it is known. */
  genesis?: string
}

/**
 * Mainnet as others measured it in autumn 2026: about 214 ms a slot on 2026-10-27 (so 32 s for a
 * blockhash), the deposit after two of five steps of SIMD-0437 (5,080 lamports a byte and 128 bytes
 * on top of the 165: 1,488,440), Alpenglow since slot 459,652,999, transactions of version 1.
 */
export const RELEASE_CHAIN: ChainProfile = {
  name: 'mainnet@2026-10-27',
  slotMs: 214,
  lifetimeBlocks: 150,
  tokenAccountRent: 1_488_440n,
  consensus: 'alpenglow',
  commitment: 'finalized',
  transactionVersion: 1,
  genesis: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
}

/** After how long a transaction that did not land is dead, in whole ms. */
export const lifetimeMs = ({ slotMs, lifetimeBlocks }: ChainProfile): number =>
  Math.round(slotMs * lifetimeBlocks)

/** A profile as it stands in lines and files: amounts as strings of lamports. */
export const chainPart = (chain: ChainProfile): Chain => ({
  ...chain,
  tokenAccountRent: String(chain.tokenAccountRent),
})

/** The text of a profile file. */
export const chainText = (chain: ChainProfile): string =>
  `${JSON.stringify(chainPart(chain), null, 2)}\n`

/** Reads a profile file. A UsageError names the field that is missing or cannot be. */
export function readChain(path: string): ChainProfile {
  let found: unknown
  try {
    found = JSON.parse(readText(path))
  } catch (cause) {
    throw new UsageError(`--chain ${path}: ${messageOf(cause)}`)
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new UsageError(`--chain ${path}: expected an object, got ${show(found)}`)
  const { genesis, ...rest } = Object.fromEntries(
    Object.entries(FIELDS).map(([field, { expected, read }]) => {
      const value = read((found as Record<string, unknown>)[field])
      if (value === undefined)
        throw new UsageError(
          `--chain ${path}: ${field}: expected ${expected}, got ` +
            `${show((found as Record<string, unknown>)[field] ?? null)}`,
        )
      return [field, value]
    }),
  ) as unknown as ChainProfile
  return genesis === NONE ? rest : { ...rest, genesis: genesis! }
}

const NONE = ''

interface Field {
  expected: string
  /** Undefined for what it cannot be. */
  read(value: unknown): unknown
}

const between = (low: number, high: number, isWhole: boolean): Field => ({
  expected: `a ${isWhole ? 'whole ' : ''}number from ${low} to ${high}`,
  read: value =>
    typeof value === 'number' &&
    value >= low &&
    value <= high &&
    (!isWhole || Number.isInteger(value))
      ? value
      : undefined,
})
const oneOf = (...words: string[]): Field => ({
  expected: words.join(' or '),
  read: value => (words.includes(value as string) ? value : undefined),
})

const FIELDS: Record<keyof ChainProfile, Field> = {
  name: {
    expected: 'a name of 1 to 128 of A-Z a-z 0-9 . _ : @ -',
    read: value =>
      typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/.test(value)
        ? value
        : undefined,
  },
  slotMs: between(1, 60_000, false),
  lifetimeBlocks: between(1, 1_000_000, true),
  tokenAccountRent: {
    expected: 'lamports as a string of digits, at most 10 SOL',
    read: value =>
      typeof value === 'string' && /^\d{1,11}$/.test(value) && BigInt(value) <= 10_000_000_000n
        ? BigInt(value)
        : undefined,
  },
  consensus: oneOf('tower', 'alpenglow', 'unknown'),
  commitment: oneOf('confirmed', 'finalized'),
  transactionVersion: between(0, 127, true),
  genesis: {
    expected: 'a hash, or nothing',
    read: value => (value === undefined ? NONE : isAddress(value) ? value : undefined),
  },
}

/** The fields in which two chains differ so that trading costs more or takes longer, in words. */
export function chainDifference(mine: ChainProfile, theirs: ChainProfile): string[] {
  const differs = {
    slotMs: Math.abs(mine.slotMs / theirs.slotMs - 1) > 0.2,
    lifetimeBlocks: mine.lifetimeBlocks !== theirs.lifetimeBlocks,
    tokenAccountRent: mine.tokenAccountRent !== theirs.tokenAccountRent,
    consensus: mine.consensus !== theirs.consensus,
    transactionVersion: mine.transactionVersion !== theirs.transactionVersion,
    genesis: (mine.genesis ?? theirs.genesis) !== (theirs.genesis ?? mine.genesis),
  }
  return Object.entries(differs)
    .filter(([, isOther]) => isOther)
    .map(([field]) => {
      const key = field as keyof typeof differs
      return `${field} ${mine[key] ?? 'unknown'} instead of ${theirs[key] ?? 'unknown'}`
    })
}
