import type { StateTape } from './state-tape.ts'

/** The mean of up to n values seen last; NaN before the first. */
export interface Recent {
  put(x: number): void
  mean(): number
  visit(tape: StateTape): void
}

/** Mean of the last n numbers, or of as many as there were. */
export function makeRecent(n: number): Recent {
  const ring = new Float64Array(n)
  let count = 0
  return {
    put: x => {
      ring[count++ % n] = x
    },
    mean: () => {
      const size = Math.min(count, n)
      let sum = 0
      for (let i = 0; i < size; i++) sum += ring[i]!
      return sum / size
    },
    visit: tape => {
      tape.floats(ring)
      count = tape.number(count)
    },
  }
}
