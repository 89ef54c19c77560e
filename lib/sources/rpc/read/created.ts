import { DataError } from '../../../base/errors.ts'
import { isAddress } from '../../decode/base58.ts'
import { type ChainEvent, known } from '../../decode/event.ts'
import { type Dex, dexOf } from '../../decode/programs.ts'
import { dataOf, type Instruction, instructionsOf, objectIn } from './instructions.ts'

/** An instruction that makes a pool, by how its data begin (hex), with places of its accounts. */
interface Maker {
  begins: string
  pool: number
  /** The mints, in the order of the pool. */
  base: number
  quote: number
}

const MAKERS: Partial<Record<Dex, readonly Maker[]>> = {
  // initialize2 (raydium-io/raydium-amm, instruction.rs).
  'raydium-amm': [{ begins: '01', pool: 4, base: 8, quote: 9 }],
  // initialize and initialize_with_permission (raydium-io/raydium-cp-swap).
  'raydium-cpmm': [
    { begins: 'afaf6d1f0d989bed', pool: 3, base: 4, quote: 5 },
    { begins: '3f37fe4131b25979', pool: 4, base: 5, quote: 6 },
  ],
}

/** An instruction that moves a sold-out curve into a pool, of which no event tells. */
interface Mover {
  begins: string
  mint: number
  to: number
  curve: number
}

const MOVERS: Partial<Record<Dex, readonly Mover[]>> = {
  // migrate_to_cpswap and migrate_to_amm (raydium-io/raydium-docs, raydium_launchpad.json).
  launchlab: [
    { begins: '885cc8671cda908c', mint: 1, to: 5, curve: 18 },
    { begins: 'cf52c091fecf91df', mint: 1, to: 13, curve: 23 },
  ],
  // migration_damm_v2 and migrate_meteora_damm (MeteoraAg/dynamic-bonding-curve, scripts/idl).
  'meteora-dbc': [
    { begins: '9ca9e66735e45040', mint: 13, to: 4, curve: 0 },
    { begins: '1b013016b43f76d9', mint: 7, to: 4, curve: 0 },
  ],
}

/** Pools that a successful transaction has made, at the top or inside other calls. */
export function createdPools(json: unknown): { dex: Dex; pool: string }[] {
  if (objectIn(objectIn(json).meta).err !== null) return []
  return instructionsOf(json).flatMap(each => {
    const made = madeBy(each)
    return made?.pool === undefined ? [] : [{ dex: made.dex, pool: made.pool }]
  })
}

/** What an instruction itself says of where a token trades: a pool is made, a curve is moved. */
export function placedBy(instruction: Instruction): ChainEvent | undefined {
  return madeBy(instruction) ?? movedBy(instruction)
}

function madeBy(instruction: Instruction): ChainEvent | undefined {
  const dex = dexOf(instruction.program)
  const makers = dex === undefined ? undefined : MAKERS[dex]
  if (dex === undefined || makers === undefined) return undefined
  const hex = hexOf(instruction)
  const maker = makers.find(({ begins }) => hex.startsWith(begins))
  if (maker === undefined) return undefined
  const [pool, mint, quoteMint] = addressesAt(instruction, [maker.pool, maker.base, maker.quote])
  return pool === undefined
    ? undefined
    : known<ChainEvent>({ kind: 'open', dex, pool, mint, quoteMint })
}

function movedBy(instruction: Instruction): ChainEvent | undefined {
  const dex = dexOf(instruction.program)
  const movers = dex === undefined ? undefined : MOVERS[dex]
  if (dex === undefined || movers === undefined) return undefined
  const hex = hexOf(instruction)
  const mover = movers.find(({ begins }) => hex.startsWith(begins))
  if (mover === undefined) return undefined
  const [mint, to, pool] = addressesAt(instruction, [mover.mint, mover.to, mover.curve])
  return mint === undefined || to === undefined
    ? undefined
    : known<ChainEvent>({ kind: 'migrate', dex, pool, mint, to })
}

const addressesAt = (
  { accounts }: Pick<Instruction, 'accounts'>,
  places: readonly number[],
): (string | undefined)[] => places.map(at => (isAddress(accounts[at]) ? accounts[at] : undefined))

/** What is no base58 is no instruction of these programs. */
function hexOf(instruction: Instruction): string {
  try {
    return dataOf(instruction).toString('hex')
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return ''
  }
}

/**
 * Instructions of Raydium’s AMM v4 by their first byte, and where among their accounts the pool is
 * (github raydium-io/raydium-amm, program/src/instruction.rs).
 */
const AMM_POOL_AT: Record<number, number> = {
  1: 4, // initialize2
  3: 1, // deposit
  4: 1, // withdraw
  9: 1, // swap by the amount in, 11 by the amount out
  11: 1,
  16: 1, // the same without an order book
  17: 1,
}

/** The pool that an instruction of Raydium’s AMM v4 names; undefined where it names none. */
export function ammPool(instruction: Instruction): string | undefined {
  // The first byte of base58 is only to be had by reading all of it.
  const first = Number.parseInt(hexOf(instruction).slice(0, 2), 16)
  const at = AMM_POOL_AT[first]
  const pool = at === undefined ? undefined : instruction.accounts[at]
  return isAddress(pool) ? pool : undefined
}
