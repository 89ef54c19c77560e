import { DataError } from '../../../base/errors.ts'
import { fromBase58 } from '../../decode/base58.ts'

/** One instruction that a transaction ran. */
export interface Instruction {
  program: string
  /** Addresses in the order of the instruction; lookup tables are resolved. */
  accounts: readonly string[]
  /** base58. */
  data: string
  /** Top-level instruction that it is, or that it was called under. */
  top: number
  /** Place among the inner instructions of that one; undefined for the top-level one itself. */
  inner: number | undefined
  /** Who called it, where the node tells the height of the stack. */
  parent: Instruction | undefined
  /** Which call of its program it is in the transaction, from 0. */
  nth: number
}

type Json = Record<string, unknown>

/** The value as an object whose fields may be anything; empty for what is none. */
export const objectIn = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}

/** The value as a list; empty for what is none. */
export const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/**
 * Instructions of a transaction (JSON of getTransaction, encoding `json`) in the order in which
 * they ran: each top-level one, then what was called under it. Keys of lookup tables come behind
 * those of the message, writable ones first (docs of getTransaction, `loadedAddresses`).
 */
export function instructionsOf(json: unknown): Instruction[] {
  const { meta, transaction } = objectIn(json)
  const { innerInstructions, loadedAddresses } = objectIn(meta)
  const { accountKeys, instructions } = objectIn(objectIn(transaction).message)
  const { writable, readonly } = objectIn(loadedAddresses)
  const keys = [...listIn(accountKeys), ...listIn(writable), ...listIn(readonly)]
  const counts = new Map<string, number>()
  const groups = new Map<number, unknown[]>()
  for (const group of listIn(innerInstructions).map(objectIn))
    groups.set(Number(group.index), listIn(group.instructions))
  const out: Instruction[] = []
  const add = (given: unknown, place: Pick<Instruction, 'top' | 'inner' | 'parent'>) => {
    const read = instructionIn(given, keys)
    if (read === undefined) return undefined
    const nth = counts.get(read.program) ?? 0
    counts.set(read.program, nth + 1)
    const whole: Instruction = { ...read, ...place, nth }
    out.push(whole)
    return whole
  }
  const tops = listIn(instructions)
  // A group without its top-level instruction still says what was called.
  const last = Math.max(tops.length - 1, ...groups.keys())
  for (let top = 0; top <= last && top < MAX_TOP; top++) {
    const stack = [add(tops[top], { top, inner: undefined, parent: undefined })]
    for (const [inner, given] of (groups.get(top) ?? []).slice(0, MAX_INNER).entries()) {
      const height = objectIn(given).stackHeight
      const depth = typeof height === 'number' && height >= 2 ? height - 1 : undefined
      const parent = depth === undefined ? undefined : stack[depth - 1]
      const added = add(given, { top, inner, parent })
      if (depth !== undefined) stack.splice(depth, stack.length, added)
    }
  }
  return out
}

/** A transaction has 1,232 bytes, or 4,096 of version 1: never so many instructions. */
const MAX_TOP = 4096
/** The runtime ends a transaction after 64 instructions (agave, MAX_INSTRUCTION_TRACE_LENGTH). */
const MAX_INNER = 256

function instructionIn(
  given: unknown,
  keys: readonly unknown[],
): Pick<Instruction, 'program' | 'accounts' | 'data'> | undefined {
  const { programIdIndex, accounts, data } = objectIn(given)
  const program = keys[programIdIndex as number]
  if (typeof program !== 'string') return undefined
  const named = listIn(accounts).map(at => keys[at as number])
  return {
    program,
    accounts: named.map(key => (typeof key === 'string' ? key : '')),
    data: typeof data === 'string' ? data : '',
  }
}

/** Longest data of an instruction that is read, in letters of base58. */
const MAX_BASE58 = 8192

/** Bytes of the data of an instruction. Throws a DataError for what is no base58 or too long. */
export function dataOf({ data }: Pick<Instruction, 'data'>): Buffer {
  if (data.length > MAX_BASE58) throw new DataError(`${data.length} letters of data`)
  return data === '' ? Buffer.alloc(0) : fromBase58(data, MAX_BASE58)
}
