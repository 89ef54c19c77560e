import { DataError, messageOf } from '../../base/errors.ts'
import { decodeEvent, SELF_CALLING, type Strange } from '../decode/decode.ts'
import { type Logged, type ReadLogs, readLogs } from '../decode/logs.ts'
import { DLMM_SWAP, DLMM_SWAP2 } from '../decode/meteora-dlmm.ts'
import { dexOf, PROGRAMS } from '../decode/programs.ts'
import { ammPool, placedBy } from './read/created.ts'
import { dataOf, type Instruction, instructionsOf, listIn, objectIn } from './read/instructions.ts'

/** Events of a transaction by its JSON; undefined when it failed or is not the shape of one. */
export interface ReadTransaction extends ReadLogs {
  slot: number
  blockTime: number | undefined
  /**
   * Instructions of exchanges behind the end of a log that was cut, of which no event is to be had;
   * undefined where that cannot be said.
   */
  unread: readonly Instruction[] | undefined
}

/** What anchor puts before an event with which a program calls itself. */
const CPI_MARK = 'e445a52e51cb9a1d'

/**
 * Reads a transaction. Programs tell events in log lines, or by calling themselves with them, some
 * do both: then the two are the same in the same order, and self-calls go on where a log was cut. A
 * log line of Raydium’s AMM v4 names no pool: its instruction does.
 */
export function readTransaction(json: unknown): ReadTransaction | undefined {
  const { slot, blockTime, meta } = objectIn(json)
  const { err, logMessages, innerInstructions } = objectIn(meta)
  // Without its meta nobody knows whether it succeeded.
  if (typeof slot !== 'number' || meta === null || meta === undefined || err !== null)
    return undefined
  const read = readLogs(listIn(logMessages))
  const instructions = instructionsOf(json)
  // Whatever ran has logged that it did: a node that shows no log has kept none.
  read.isTruncated ||= read.calls.length === 0 && instructions.length > 0
  const logged = withPools(read, instructions)
  const isCut = read.isTruncated || read.isBroken
  // What a program has logged to the end it need not be asked for again.
  const said = new Set(isCut ? [] : logged.map(({ program }) => program))
  const called = selfCalls(
    instructions.filter(({ program }) => !said.has(program)),
    read,
  )
  const told = [...logged, ...beyond(logged, called)]
  // First where tokens trade, then what happened there.
  const events = inOrder([...instructions.flatMap(placed), ...told])
  return {
    ...read,
    events,
    slot,
    blockTime: typeof blockTime === 'number' ? blockTime : undefined,
    unread: isDeaf(read, innerInstructions)
      ? undefined
      : isCut
        ? unreadOf(read, instructions, told)
        : [],
  }
}

/** True where a program called itself with its events, and the node did not record such calls. */
const isDeaf = ({ calls }: ReadLogs, inner: unknown): boolean =>
  !Array.isArray(inner) && calls.some(({ program }) => SELF_CALLING.has(dexOf(program) ?? ''))

/** What an instruction itself says, as an event. */
function placed(instruction: Instruction): Logged[] {
  const event = placedBy(instruction)
  const { top, inner, program, nth } = instruction
  return event === undefined ? [] : [{ event, index: `${top}.${inner ?? ''}i`, program, nth }]
}

/** Log events of Raydium’s AMM v4 with the pool that the instruction of the same call names. */
function withPools(read: ReadLogs, instructions: readonly Instruction[]): Logged[] {
  const amm = PROGRAMS['raydium-amm']
  const calls = instructions.filter(({ program }) => program === amm)
  const heard = read.calls.filter(({ program }) => program === amm).length
  const isCut = read.isTruncated || read.isBroken
  const fits = isCut ? heard <= calls.length : heard === calls.length
  return read.events.map(logged => {
    const { event, nth, program } = logged
    const call = calls[nth]
    const pool = fits && program === amm && call !== undefined ? ammPool(call) : undefined
    return pool === undefined || event.pool !== undefined
      ? logged
      : { ...logged, event: { ...event, pool } }
  })
}

/** Self-calls that the log does not have: of each program those behind as many as it logged. */
function beyond(logged: readonly Logged[], called: readonly Logged[]): Logged[] {
  const left = new Map<string, number>()
  for (const { program } of logged) left.set(program, (left.get(program) ?? 0) + 1)
  const used = new Set(logged.map(({ index }) => index))
  return called.flatMap(each => {
    const skip = left.get(each.program) ?? 0
    if (skip > 0) {
      left.set(each.program, skip - 1)
      return []
    }
    // Places of log lines and of inner instructions are counted apart: an id must be of one event.
    return [used.has(each.index) ? { ...each, index: `${each.index}c` } : each]
  })
}

const topOf = ({ index }: Logged): number => Number.parseInt(index, 10)
const inOrder = (events: Logged[]): Logged[] => events.sort((a, b) => topOf(a) - topOf(b))

/** Events with which programs that we know called themselves. */
function selfCalls(instructions: readonly Instruction[], out: ReadLogs): Logged[] {
  const found = instructions.flatMap(instruction => {
    const { program, inner, parent, top, nth } = instruction
    // Only the program itself may call it with an event; who else does makes something up.
    if (inner === undefined || (parent !== undefined && parent.program !== program)) return []
    const event = dexOf(program) === undefined ? undefined : selfCall(instruction, out)
    if (event === undefined) return []
    const mark = dataOf(instruction).toString('hex', 8, 16)
    return [{ event, index: `${top}.${inner}`, program, nth: parent?.nth ?? nth, parent, mark }]
  })
  return found
    .filter(each => !isToldBetter(each, found))
    .map(({ parent: _, mark: __, ...logged }) => logged)
}

type Called = Logged & { parent: Instruction | undefined; mark: string }

/**
 * A swap of Meteora’s DLMM is said by Swap or by Swap2Evt; where an instruction says both, they are
 * one trade, and Swap2Evt says it as it was. A node without heights shows them one after the other.
 */
const isToldBetter = (one: Called, all: readonly Called[]): boolean =>
  one.mark === DLMM_SWAP &&
  all.some(
    ({ parent, event, index, mark }) =>
      mark === DLMM_SWAP2 &&
      event.pool === one.event.pool &&
      (one.parent === undefined
        ? Number.parseInt(index, 10) === topOf(one) && innerOf(index) === innerOf(one.index) + 1
        : parent === one.parent && innerOf(index) > innerOf(one.index)),
  )
const innerOf = (index: string): number => Number(index.slice(index.indexOf('.') + 1))

function selfCall(instruction: Instruction, out: ReadLogs) {
  const { program } = instruction
  // Who logs its events as well has said there what is strange.
  const tell = SELF_CALLING.has(dexOf(program) ?? '')
    ? (strange: Strange) => void out.strange.push(strange)
    : undefined
  try {
    const bytes = dataOf(instruction)
    return bytes.toString('hex', 0, 8) === CPI_MARK ? decodeEvent(program, bytes, tell) : undefined
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    out.refused.push(`${dexOf(program)}: ${messageOf(error)}`)
    return undefined
  }
}

/** Calls of exchanges that the log does not tell to the end, and that no event is known of. */
function unreadOf(
  { calls }: ReadLogs,
  instructions: readonly Instruction[],
  events: readonly Logged[],
): Instruction[] | undefined {
  const heard = new Map<string, number>()
  for (const { program } of calls) heard.set(program, (heard.get(program) ?? 0) + 1)
  const all = new Map<string, number>()
  for (const { program } of instructions) all.set(program, (all.get(program) ?? 0) + 1)
  // A list that lacks calls which the log has is not the list of this transaction.
  for (const [program, count] of heard)
    if (dexOf(program) !== undefined && count > (all.get(program) ?? 0)) return undefined
  return instructions.filter(({ program, nth, parent, data }) => {
    if (dexOf(program) === undefined || parent?.program === program || data === '') return false
    // The last call that the log names may have been cut in its middle.
    const isHeard = nth < (heard.get(program) ?? 0) - 1
    return !isHeard && !events.some(event => event.program === program && event.nth === nth)
  })
}
