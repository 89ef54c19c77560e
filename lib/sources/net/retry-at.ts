/** Seconds since 1970 are larger than this; smaller numbers are seconds from now. */
const EPOCH = 1_000_000_000

/**
 * When a host wants to be asked again, ms UTC: `Retry-After` in seconds or as a date (RFC 9110
 * §10.2.3), else `x-ratelimit-reset` in seconds since 1970 or from now. Undefined when it does not
 * say, or nothing that makes sense.
 */
export function retryAt(header: (name: string) => string | null, now: number): number | undefined {
  const after = header('retry-after')
  if (after !== null) return fromNumber(after, now) ?? fromDate(after)
  const reset = header('x-ratelimit-reset')
  return reset === null ? undefined : fromNumber(reset, now)
}

function fromNumber(text: string, now: number): number | undefined {
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text.trim())) return undefined
  const value = Number(text)
  return value > EPOCH ? value * 1000 : now + value * 1000
}

function fromDate(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
