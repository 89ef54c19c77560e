import { int } from '../base/flags.ts'

/** Of every command that follows tokens. */
export const maxTokens = int('tokens followed at most; those idle for longest are forgotten', {
  default: 50_000,
  min: 1,
})

const HOUR = 3_600_000
const DAY = 24 * HOUR
/**
 * How far a line may be behind the newest tick, as those of a slow source are, and still find its
 * token.
 */
const LATE = HOUR
/**
 * Share of the tokens that goes at once when there are too many, so that looking for the oldest
 * costs little.
 */
const BATCH = 16
/** Consecutive ticks from more than a day ahead that make it believable. */
const BELIEVED = 100

/**
 * What is kept of a token; `lastTs` is the time of its last line, set by whoever reads the line.
 */
interface Kept {
  lastTs: number
}

/** The tokens being followed. */
interface Store<T extends Kept> {
  of(mint: string, ts: number): T
  /**
   * A tick: event time has reached `ts` for all. Forgets tokens without a line for a day and an
   * hour.
   */
  advance(ts: number): void
  /** Time is `ts` again: forgets tokens whose last line was later, as its time was wrong. */
  setBack(ts: number): void
  readonly size: number
  entries(): IterableIterator<[string, T]>
  put(key: string, mint: T): void
}

/**
 * Tokens by mint. One whose lines are a day apart, forwards or backwards, starts afresh: so
 * forgetting an idle token makes no difference to its features, unless a line of it comes that is
 * more than an hour behind the ticks. What is known of a token depends on its own lines and on
 * ticks alone. Above `maxTokens` those idle for longest go, which is counted.
 */
export function makeStore<T extends Kept>(
  make: () => T,
  maxTokens: number,
  count: (what: string, by?: number) => void,
): Store<T> {
  const mints = new Map<string, T>()
  let sweptAt = 0
  let ahead = 0

  const sweep = (ts: number): void => {
    sweptAt = ts
    let gone = 0
    for (const [key, mint] of mints) {
      if (mint.lastTs >= ts - DAY - LATE) continue
      mints.delete(key)
      gone++
    }
    if (gone > 0) count('idle tokens forgotten', gone)
  }
  const makeRoom = (): void => {
    const oldest = [...mints].sort(([, a], [, b]) => a.lastTs - b.lastTs)
    const surplus = Math.max(1, Math.ceil(maxTokens / BATCH))
    for (const [key] of oldest.slice(0, surplus)) mints.delete(key)
    count('tokens forgotten for --max-tokens', Math.min(surplus, oldest.length))
  }
  return {
    of: (key, ts) => {
      let mint = mints.get(key)
      if (mint !== undefined && Math.abs(ts - mint.lastTs) <= DAY) return mint
      if (mint !== undefined) count('tokens begun afresh after a jump of a day')
      if (mint === undefined && mints.size >= maxTokens) makeRoom()
      mint = make()
      mints.set(key, mint)
      return mint
    },
    advance: ts => {
      if (sweptAt === 0) sweptAt = ts
      if (ts - sweptAt < HOUR) {
        ahead = 0
        return
      }
      ahead = ts - sweptAt > DAY ? ahead + 1 : 0
      if (ahead === 0 || ahead >= BELIEVED) sweep(ts)
    },
    setBack: ts => {
      sweptAt = ts
      ahead = 0
      let gone = 0
      for (const [key, { lastTs }] of mints) if (lastTs > ts && mints.delete(key)) gone++
      if (gone > 0) count('tokens begun afresh as time was set back', gone)
    },
    get size() {
      return mints.size
    },
    entries: () => mints.entries(),
    put: (key, mint) => void mints.set(key, mint),
  }
}
