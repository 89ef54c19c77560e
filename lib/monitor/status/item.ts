/** One line of `status`. */
export interface Item {
  what:
    | 'pipeline'
    | 'journal'
    | 'database'
    | 'disk'
    | 'model'
    | 'accuracy'
    | 'trial'
    | 'online'
    | 'training'
    | 'drift'
    | 'position'
    | 'order'
    | 'alert'
    | 'switch'
  name: string
  level: 'ok' | 'warn' | 'error'
  /** The same in words. */
  text: string
  [field: string]: string | number | boolean
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
]

/** `3d`, `2.5h`, `40s`: the largest unit of which there is one. */
export function ageText(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ms) >= length) ?? ['ms', 1]
  const value = ms / size
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)}${unit}`
}

/** A share as `71.2 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
