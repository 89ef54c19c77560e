import { DataError, messageOf } from '../../base/errors.ts'
import { decodeEvent, type Strange } from './decode.ts'
import type { ChainEvent } from './event.ts'
import { dexOf, PROGRAMS } from './programs.ts'
import { rayLog } from './raydium-amm.ts'

/** An event and where in the transaction it stands. */
export interface Logged {
  event: ChainEvent
  /** Top-level instruction and how many events came before inside it: `2.1`. */
  index: string
  /** Whose event it is, and which of that program’s calls in the transaction said it, from 0. */
  program: string
  nth: number
}

/** One call of a program, in order; depth 1 is a top-level instruction. */
interface Call {
  program: string
  depth: number
}

/** Where the reading of one log stands. */
interface State {
  stack: Frame[]
  /** Calls so far by program. */
  counts: Map<string, number>
  out: ReadLogs
}

export interface ReadLogs {
  events: Logged[]
  /** Known events that could not be read, with the reason. */
  refused: string[]
  /** What programs said that nobody here reads. */
  strange: Strange[]
  /** Calls of programs as far as the log goes. */
  calls: Call[]
  /** The log was cut (10 kB): what came before counts, the rest is in the transaction at best. */
  isTruncated: boolean
  /** Lines are not the log of one well-formed run: events after that point are not believed. */
  isBroken: boolean
}

const DATA = 'Program data: '
const RAY = 'Program log: ray_log: '
const INVOKE = / invoke \[(\d{1,2})\]$/
const MAX_BASE64 = 32_768

/**
 * Reads the log lines of one transaction. Any program can print any line, so a data line counts
 * only inside the frame of the program whose event it is: `Program X invoke [n]` opens a frame,
 * `Program X success` or `failed` closes it. Lines that a program prints itself begin with `Program
 * log: ` or `Program data: ` and can therefore not forge frames. What a failed frame said did not
 * happen: its events are dropped.
 */
export function readLogs(lines: readonly unknown[]): ReadLogs {
  const out: ReadLogs = {
    events: [],
    refused: [],
    strange: [],
    calls: [],
    isTruncated: false,
    isBroken: false,
  }
  const stack: Frame[] = []
  const state: State = { stack, counts: new Map(), out }
  let top = -1
  let inside = 0
  for (const line of lines) {
    if (typeof line !== 'string' || !line.startsWith('Program ')) {
      if (line !== 'Log truncated') continue
      return { ...out, isTruncated: true }
    }
    const frame = stack.at(-1)
    if (line.startsWith(DATA) || line.startsWith(RAY)) {
      const event = frame === undefined ? undefined : takeData(frame.program, line, out)
      if (event !== undefined && frame !== undefined) {
        const { program, nth } = frame
        out.events.push({ event, index: `${top}.${inside++}`, program, nth })
      }
      continue
    }
    if (line.startsWith('Program log: ') || line.startsWith('Program consum')) continue
    const move = frameMove(line, state)
    if (move === 'broken') return { ...out, isBroken: true }
    if (move === 'top') {
      top++
      inside = 0
    }
  }
  return out
}

interface Frame {
  program: string
  nth: number
  /** Events before this frame: what it said after them is dropped when it fails. */
  before: number
}

/**
 * Opens or closes a frame. `top` when a new top-level instruction begins, `broken` when the lines
 * cannot be one run.
 */
function frameMove(line: string, { stack, counts, out }: State): 'top' | 'broken' | undefined {
  const { events, calls } = out
  const end = line.indexOf(' ', 8)
  if (end < 0) return undefined
  const program = line.slice(8, end)
  const rest = line.slice(end)
  if (rest === ' success') {
    return stack.pop()?.program === program ? undefined : 'broken'
  }
  if (rest.startsWith(' failed')) {
    const frame = stack.pop()
    if (frame?.program !== program) return 'broken'
    events.length = Math.min(events.length, frame.before)
    return undefined
  }
  const depth = INVOKE.exec(rest)?.[1]
  if (depth === undefined) return undefined
  if (Number(depth) !== stack.length + 1) return 'broken'
  const nth = counts.get(program) ?? 0
  counts.set(program, nth + 1)
  calls.push({ program, depth: stack.length + 1 })
  stack.push({ program, nth, before: events.length })
  return stack.length === 1 ? 'top' : undefined
}

/**
 * The event of a data line in the frame of a program. Reasons for refused ones are collected, not
 * thrown.
 */
function takeData(program: string, line: string, out: ReadLogs): ChainEvent | undefined {
  const isRay = line.startsWith(RAY)
  if (isRay ? program !== PROGRAMS['raydium-amm'] : dexOf(program) === undefined) return undefined
  const text = line.slice(isRay ? RAY.length : DATA.length)
  // Several values in one line: no event that we know is logged so.
  if (text.includes(' ')) return undefined
  try {
    if (text.length > MAX_BASE64) throw new DataError(`${text.length} letters of data`)
    const bytes = Buffer.from(text, 'base64')
    return isRay ? rayLog(bytes) : decodeEvent(program, bytes, strange => out.strange.push(strange))
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    out.refused.push(`${dexOf(program)}: ${messageOf(error)}`)
    return undefined
  }
}
