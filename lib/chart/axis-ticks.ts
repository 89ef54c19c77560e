/** A place on an axis and what is written there. */
export interface Tick {
  value: number
  text: string
}

const STEPS = [1, 2, 5, 10]

/** Smallest of 1, 2, 5 · 10ⁿ that divides `span` into at most `most` parts. */
export function niceStep(span: number, most: number): number {
  const unit = 10 ** Math.floor(Math.log10(span / most))
  return STEPS.find(step => step * unit * most >= span * (1 - 1e-9))! * unit
}

/**
 * Round values within [low, high], at most `most` + 1 of them, written in units of 10^exponent. The
 * span must be positive. Each is a whole multiple of the step, so no error adds up along the axis;
 * a span too narrow for steps is told by its low end.
 */
export function numberTicks(low: number, high: number, most: number, exponent = 0): Tick[] {
  const step = niceStep(high - low, most)
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)]
  // A span at the end of what a float can tell apart has no whole multiples to count.
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    return [
      { value: low, text: String(Number((low / 10 ** exponent).toPrecision(3))).replace('-', '−') },
    ]
  const shown = step / 10 ** exponent
  const decimals = Math.min(20, Math.max(0, -Math.floor(Math.log10(shown) + 1e-9)))
  const ticks: Tick[] = []
  for (let i = first; i <= last; i++)
    ticks.push({ value: i * step, text: (i * shown + 0).toFixed(decimals).replace('-', '−') })
  return ticks
}

/**
 * The same for a log axis: 1, 2, 5 · 10ⁿ where they are few, else whole powers of ten; even steps
 * within a factor of 10.
 */
export function ratioTicks(low: number, high: number, most: number, exponent = 0): Tick[] {
  if (high / low < 10) return numberTicks(low, high, most, exponent)
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const digits = 3 * (last - first) <= 2 * most ? [1, 2, 5] : [1]
  const stride = digits.length > 1 ? 1 : Math.ceil((last - first) / most)
  const ticks: Tick[] = []
  for (let power = first; power <= last; power += stride) {
    for (const digit of digits) {
      const value = digit * 10 ** power
      if (value >= low && value <= high)
        ticks.push({ value, text: String(Number((value / 10 ** exponent).toPrecision(1))) })
    }
  }
  return ticks
}

/**
 * Power of a thousand that makes the numbers of an axis short; 0 while they are so by themselves.
 */
export function exponentOf(low: number, high: number): number {
  const largest = Math.max(Math.abs(low), Math.abs(high))
  return largest === 0 || (largest >= 0.01 && largest < 10_000)
    ? 0
    : 3 * Math.floor(Math.log10(largest) / 3)
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]
const TIME_STEPS = [
  ...[1, 5, 15, 30].map(n => n * SECOND),
  ...[1, 5, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14].map(n => n * DAY),
]
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 600]
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Times in UTC within [from, to] at most `most` + 1 of them: whole seconds, minutes, hours, days or
 * months.
 */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = TIME_STEPS.find(each => (to - from) / each <= most)
  if (step === undefined) return monthTicks(from, to, most)
  const ticks: Tick[] = []
  for (let value = Math.ceil(from / step) * step; value <= to; value += step)
    ticks.push({ value, text: timeText(value, step) })
  return ticks
}

function monthTicks(from: number, to: number, most: number): Tick[] {
  const months = (to - from) / (30.4 * DAY)
  const step = MONTH_STEPS.find(each => months / each <= most) ?? 1200
  const start = new Date(from)
  const first = start.getUTCFullYear() * 12 + start.getUTCMonth()
  const ticks: Tick[] = []
  for (let month = Math.ceil(first / step) * step; ; month += step) {
    const value = Date.UTC(Math.floor(month / 12), month % 12)
    if (!(value <= to)) return ticks
    if (value >= from)
      ticks.push({ value, text: month % 12 === 0 ? `${month / 12}` : MONTHS[month % 12]! })
  }
}

/** The date where a day begins, else the time of day, as exact as the step between two of them. */
function timeText(ts: number, step: number): string {
  if (ts % DAY === 0 || step >= DAY) return dateText(ts)
  return new Date(ts).toISOString().slice(11, step < MINUTE ? 19 : 16)
}

/** Day and month in UTC. */
export const dateText = (ts: number): string => {
  const date = new Date(ts)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
}
