import { show, UsageError } from '../base/errors.ts'

/**
 * Milliseconds UTC of the moment when the clocks of a zone show a time, which is given as
 * milliseconds UTC of the same digits; NaN when they showed it twice or never.
 */
export type Zone = (wall: number) => number

const DAY = 86_400_000
const OFFSET = /^([+-])(\d{2}):?(\d{2})$/
/** Days remembered: more than any table has. */
const MAX_DAYS = 50_000

/**
 * The zone that `--time-zone` names: `Europe/Berlin` (IANA) or an offset such as `+02:00`. Throws a
 * UsageError when there is none of that name.
 */
export function makeZone(name: string): Zone {
  const [, sign, hours, minutes] = OFFSET.exec(name) ?? []
  if (sign !== undefined) {
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000
    return wall => wall - (sign === '-' ? -ahead : ahead)
  }
  const aheadAt = offsetsOf(name)
  const steady = new Map<number, number>()
  return wall => {
    const day = Math.floor(wall / DAY)
    let ahead = steady.get(day)
    if (ahead === undefined) {
      const [before, after] = [aheadAt((day - 1) * DAY), aheadAt((day + 2) * DAY)]
      ahead = before === after ? before : Number.NaN
      if (steady.size < MAX_DAYS) steady.set(day, ahead)
    }
    return Number.isNaN(ahead) ? aroundChange(wall, aheadAt) : wall - ahead
  }
}

/** On a day when clocks are put forward or back. */
function aroundChange(wall: number, aheadAt: (utc: number) => number): number {
  const offsets = new Set([aheadAt(wall - 2 * DAY), aheadAt(wall + 2 * DAY)])
  const found = [...offsets].map(ahead => wall - ahead).filter(at => at + aheadAt(at) === wall)
  return found.length === 1 ? found[0]! : Number.NaN
}

/** Milliseconds that a zone is ahead of UTC at a time, by the tables of the engine. */
function offsetsOf(name: string): (utc: number) => number {
  try {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return utc => {
      const parts = clock.formatToParts(utc).map(({ type, value }) => [type, Number(value)])
      const { year, month, day, hour, minute, second } = Object.fromEntries(parts)
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utc / 1000) * 1000
    }
  } catch {
    throw new UsageError(
      `--time-zone: expected a zone such as Europe/Berlin or +02:00, got ${show(name)}`,
    )
  }
}
