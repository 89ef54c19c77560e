import { DataError } from '../../../base/errors.ts'
import { isAddress } from '../../decode/base58.ts'
import { type Dex, dexOf } from '../../decode/programs.ts'
import { dataOf, type Instruction, instructionsOf, objectIn } from './instructions.ts'

/**
 * Instructions that make a pool: how their data begin (hex) and where among their accounts the pool
 * is.
 */
const MAKERS: Partial<Record<Dex, readonly { begins: string; poolAt: number }[]>> = {
  // initialize2: token program, ATA program, system, rent, pool.
  'raydium-amm': [{ begins: '01', poolAt: 4 }],
  'raydium-cpmm': [
    // initialize: creator, config, authority, pool.
    { begins: 'afaf6d1f0d989bed', poolAt: 3 },
    // initialize_with_permission: payer, creator, config, authority, pool.
    { begins: '3f37fe4131b25979', poolAt: 4 },
  ],
}

/** Pools that a successful transaction has made, at the top or inside other calls. */
export function createdPools(json: unknown): { dex: Dex; pool: string }[] {
  if (objectIn(objectIn(json).meta).err !== null) return []
  return instructionsOf(json).flatMap(madeBy)
}

function madeBy(instruction: Instruction): { dex: Dex; pool: string }[] {
  const dex = dexOf(instruction.program)
  const makers = dex === undefined ? undefined : MAKERS[dex]
  if (dex === undefined || makers === undefined) return []
  const hex = hexOf(instruction)
  const maker = makers.find(({ begins }) => hex.startsWith(begins))
  const pool = maker && instruction.accounts[maker.poolAt]
  return isAddress(pool) ? [{ dex, pool }] : []
}

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
