import { DataError, messageOf } from '../../base/errors.ts'
import { decodeEvent } from './decode.ts'
import type { ChainEvent } from './event.ts'
import { dexOf, PROGRAMS } from './programs.ts'
import { rayLog } from './raydium-amm.ts'

/** An event and where in the transaction it stands. */
export interface Logged {
  event: ChainEvent
  /** Top-level instruction and how many events came before inside it: `2.1`. */
  index: string
}

export interface ReadLogs {
  events: Logged[]
  /** Known events that could not be read, with the reason. */
  refused: string[]
  /** The node cut the log (10 kB): what came behind must be fetched with the transaction. */
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
  const out: ReadLogs = { events: [], refused: [], isTruncated: false, isBroken: false }
  const stack: Frame[] = []
  let top = -1
  let inside = 0
  for (const line of lines) {
    if (typeof line !== 'string' || !line.startsWith('Program ')) {
      if (line === 'Log truncated') out.isTruncated = true
      continue
    }
    const frame = stack.at(-1)
    if (line.startsWith(DATA) || line.startsWith(RAY)) {
      const event = frame === undefined ? undefined : takeData(frame.program, line, out)
      if (event !== undefined) out.events.push({ event, index: `${top}.${inside++}` })
      continue
    }
    if (line.startsWith('Program log: ') || line.startsWith('Program consum')) continue
    const move = frameMove(line, stack, out.events)
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
  /** Events before this frame: what it said after them is dropped when it fails. */
  before: number
}

/**
 * Opens or closes a frame. `top` when a new top-level instruction begins, `broken` when the lines
 * cannot be one run.
 */
function frameMove(line: string, stack: Frame[], events: Logged[]): 'top' | 'broken' | undefined {
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
  stack.push({ program, before: events.length })
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
    return isRay ? rayLog(bytes) : decodeEvent(program, bytes)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    out.refused.push(`${dexOf(program)}: ${messageOf(error)}`)
    return undefined
  }
}
