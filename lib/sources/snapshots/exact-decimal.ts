/** A number as tables write it; at most 60 digits before and behind the point once written out. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/
const MOST_DIGITS = 60

/** A number in base units, and whether nothing of it was cut off. */
export interface Scaled {
  amount: bigint
  isExact: boolean
}

/**
 * A number that is written in decimals times 10^decimals, digit by digit: `1.5` at 6 decimals is
 * 1500000. What lies below one unit is cut off, and told. Undefined for what is no such number.
 */
export function scaled(text: string, decimals: number): Scaled | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] = DECIMAL.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return undefined
  const shift = Number(power) + decimals - fraction.length
  const digits = whole + fraction
  if (digits.length > MOST_DIGITS || Math.abs(shift) > MOST_DIGITS) return undefined
  const all = BigInt(digits)
  const unit = 10n ** BigInt(Math.abs(shift))
  const amount = shift >= 0 ? all * unit : all / unit
  const isExact = shift >= 0 || amount * unit === all
  return { amount: sign === '-' ? -amount : amount, isExact }
}

/** Whether a text is a number as tables write it. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text) && /\d/.test(text)
