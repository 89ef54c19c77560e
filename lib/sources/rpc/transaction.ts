import { fromBase58 } from '../../base/base58.ts'
import { DataError, messageOf } from '../../base/errors.ts'
import { decodeEvent } from '../decode/decode.ts'
import { type Logged, type ReadLogs, readLogs } from '../decode/logs.ts'
import { dexOf } from '../decode/programs.ts'

/** Events of a transaction by its JSON; undefined when it failed or is not the shape of one. */
export interface ReadTransaction extends ReadLogs {
  slot: number
  blockTime: number | undefined
}

type Json = Record<string, unknown> | null | undefined
const object = (value: unknown): NonNullable<Json> =>
  typeof value === 'object' && value !== null ? (value as NonNullable<Json>) : {}
const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/**
 * Reads a transaction. Its log lines count as in a notification; events that are self-calls
 * (LaunchLab), or whose log the node has cut, are in the data of inner instructions.
 */
export function readTransaction(json: unknown, wantsCalls: boolean): ReadTransaction | undefined {
  const { slot, blockTime, meta, transaction } = object(json)
  const { err, logMessages, innerInstructions, loadedAddresses } = object(meta)
  // Without its meta nobody knows whether it succeeded.
  if (typeof slot !== 'number' || meta === null || meta === undefined || err !== null)
    return undefined
  const read = readLogs(listIn(logMessages))
  if (wantsCalls || read.isTruncated) {
    const { writable, readonly } = object(loadedAddresses)
    const keys = [
      ...listIn(object(object(transaction).message).accountKeys),
      ...listIn(writable),
      ...listIn(readonly),
    ]
    read.events = selfCalls(innerInstructions, keys, read)
  }
  return { ...read, slot, blockTime: typeof blockTime === 'number' ? blockTime : undefined }
}

/** Inner instructions in which a program that we know calls itself with an event. */
function selfCalls(inner: unknown, keys: readonly unknown[], out: ReadLogs): Logged[] {
  return listIn(inner).flatMap(group => {
    const { index, instructions } = object(group)
    return listIn(instructions).flatMap((instruction, nth) => {
      const { programIdIndex, data } = object(instruction)
      const program = keys[programIdIndex as number]
      if (typeof program !== 'string' || typeof data !== 'string' || dexOf(program) === undefined)
        return []
      const event = selfCall(program, data, out)
      return event === undefined ? [] : [{ event, index: `${Number(index)}.${nth}` }]
    })
  })
}

const MAX_BASE58 = 8192

function selfCall(program: string, data: string, out: ReadLogs) {
  try {
    if (data.length > MAX_BASE58) throw new DataError(`${data.length} letters of data`)
    const bytes = fromBase58(data, MAX_BASE58)
    return bytes.toString('hex', 0, 8) === 'e445a52e51cb9a1d'
      ? decodeEvent(program, bytes)
      : undefined
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    out.refused.push(`${dexOf(program)}: ${messageOf(error)}`)
    return undefined
  }
}
