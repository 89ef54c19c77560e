import type { Stateful } from '../../indicators/indicator.ts'

/**
 * State of a token on its way to or from a checkpoint. A `visit` function is written once and
 * serves both directions: `x = tape.number(x)` records x when saving and returns the recorded one
 * when restoring.
 */
export interface StateTape {
  readonly isRestoring: boolean
  number(x: number): number
  text(x: string | undefined): string | undefined
  floats(array: Float64Array | Float32Array): void
  part(part: Stateful): void
}

/**
 * What a tape holds, as JSON; numbers as base64 of little-endian float64, since they may be NaN.
 */
export interface Recorded {
  numbers: string
  texts: (string | 0)[]
}

/** A tape that records: every value that is visited is kept in order. */
export function makeRecorder(): StateTape & { recorded(): Recorded } {
  const numbers: number[] = []
  const texts: (string | 0)[] = []
  return {
    isRestoring: false,
    number: x => {
      numbers.push(x)
      return x
    },
    text: x => {
      texts.push(x ?? 0)
      return x
    },
    floats: array => {
      for (const x of array) numbers.push(x)
    },
    part: part => {
      for (const x of part.save()) numbers.push(x)
    },
    recorded: () => ({ numbers: base64Of(Float64Array.from(numbers)), texts }),
  }
}

/** Throws a RangeError where the recording is shorter than what is read from it. */
export function makePlayer({ numbers, texts }: Recorded): StateTape & { isAtEnd(): boolean } {
  const bytes = Buffer.from(numbers, 'base64')
  const list = new Float64Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 3)
  let at = 0
  let textAt = 0
  const take = (count: number): Float64Array => {
    if (at + count > list.length) throw new RangeError('the saved state is too short')
    at += count
    return list.subarray(at - count, at)
  }
  return {
    isRestoring: true,
    number: () => take(1)[0]!,
    text: () => {
      if (textAt >= texts.length) throw new RangeError('the saved state is too short')
      const text = texts[textAt++]
      return text === 0 ? undefined : text
    },
    floats: array => array.set(take(array.length)),
    part: part => part.restore([...take(part.size)]),
    isAtEnd: () => at === list.length && textAt === texts.length,
  }
}

/** Base64 of the bytes of a typed array; little-endian on every platform that Node runs on. */
export const base64Of = (array: Float64Array | Float32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')
