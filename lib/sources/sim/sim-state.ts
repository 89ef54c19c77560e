import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/atomic-write.ts'
import { wallClock } from '../../base/clock.ts'
import { DataError, messageOf, TemporaryError, UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { takeLock } from '../../store/hold.ts'
import type { Line } from '../../stream/line.ts'
import type { SimOptions } from './token/params.ts'

/** A place in the lines of a market: how many came before it, the last of them, and its time. */
interface Mark {
  lines: number
  id: string
  ts: number
}

/** What is stored: the market, the place to go on from, and the newest time that was told. */
interface Saved extends Mark {
  v: 1
  market: Market
  toldTs: number
}

/** Everything that decides what the lines are. Its length is not: longer markets begin alike. */
type Market = Omit<SimOptions, 'days'>

/**
 * Lines that come again after a run that was killed or whose reader went away: more than pipes and
 * the buffers of a few commands hold (4096 lines are some 2.5 MB).
 */
const REPEATED_LINES = 4096

/** Event time, and time on the wall, that passes at least between two saves. */
const SAVE = { eventMs: 60_000, wallMs: 1000 }

/** Where an earlier run of the same market stopped, and the keeping of how far this one is. */
export interface SimState {
  /** Lines that are passed over, and the newest event time told so far. */
  readonly skip: number
  readonly toldTs: number | undefined
  /** Throws a UsageError when the last line passed over is not the one that was stored. */
  check(last: Line): void
  /** These lines, up to a place, have left this process. */
  told(lines: number, last: Line): void
  /** The end. `isWhole`: whoever reads has got everything, so nothing needs to come again. */
  close(isWhole: boolean): void
}

const FLAG_OF: Record<keyof Market, string> = {
  seed: '--seed',
  tokensPerHour: '--tokens-per-hour',
  candleMs: '--candles',
  snapshotMs: '--snapshot',
  tickMs: '--tick',
  startAt: '--start-at',
  turnDay: '--turn-day',
}

/**
 * Opens `DIR/sim.json`. The market itself is not stored: it is a function of its options, so going
 * on means making it again up to a place, about a second for each day. Throws a UsageError when the
 * folder holds another market, a DataError when the file is damaged, a TemporaryError when another
 * process goes on from it.
 */
export function openSimState(dir: string, { days: _, ...market }: SimOptions): SimState {
  const path = join(dir, 'sim.json')
  const saved = readSaved(path)
  if (saved !== undefined) refuseOther(path, saved.market, market)
  const lock = takeLock(dir, 'sim')
  if (readSaved(path)?.lines !== saved?.lines) {
    lock.release()
    throw new TemporaryError(`--state: another process was still writing ${path}`)
  }
  // The first is one from which to go on after a kill; the last is where this run is.
  const marks: Mark[] = [saved ?? { lines: 0, id: '', ts: market.startAt }]
  let toldTs = saved?.toldTs
  const due = { ts: Number.NEGATIVE_INFINITY, wall: 0 }
  const save = ({ lines, id, ts }: Mark): void => {
    if (toldTs === undefined) return
    const whole: Saved = { v: 1, market, lines, id, ts, toldTs }
    replaceFile(path, `${JSON.stringify(whole)}\n`)
  }
  return {
    skip: saved?.lines ?? 0,
    toldTs,
    check({ rec }) {
      if (rec.id !== saved?.id)
        throw new UsageError(
          `--state: ${path} was made by another version of the simulator; name a new folder`,
        )
    },
    told(lines, { rec }) {
      marks.push({ lines, id: rec.id, ts: rec.ts })
      while (marks.length > 1 && marks[1]!.lines <= lines - REPEATED_LINES) marks.shift()
      toldTs = Math.max(toldTs ?? rec.ts, rec.ts)
      if (rec.ts < due.ts || wallClock.monotonic() < due.wall) return
      due.ts = rec.ts + SAVE.eventMs
      due.wall = wallClock.monotonic() + SAVE.wallMs
      save(marks[0]!)
    },
    close(isWhole) {
      save(marks.at(isWhole ? -1 : 0)!)
      lock.release()
    },
  }
}

function readSaved(path: string): Saved | undefined {
  if (!existsSync(path)) return undefined
  let saved: Partial<Saved>
  try {
    saved = JSON.parse(readText(path))
  } catch (error) {
    throw new DataError(`--state: ${messageOf(error)}`, { field: path })
  }
  const { v, market, lines, id, toldTs } = saved ?? {}
  const isGood =
    v === 1 &&
    typeof market === 'object' &&
    Number.isSafeInteger(lines) &&
    typeof id === 'string' &&
    Number.isFinite(toldTs)
  if (!isGood) throw new DataError('--state: not a state of the simulator', { field: path })
  return saved as Saved
}

function refuseOther(path: string, was: Market, is: Market): void {
  for (const key of Object.keys(FLAG_OF) as (keyof Market)[])
    if (was[key] !== is[key])
      throw new UsageError(
        `${FLAG_OF[key]}: ${path} is a market of ${word(was[key])}, not ${word(is[key])}; ` +
          'give the same, or another --state',
      )
}

const word = (value: string | number | undefined): string =>
  value === undefined ? 'none' : JSON.stringify(value)
