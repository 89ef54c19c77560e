import { type Frame, type Head, splitFloats } from './frame.ts'

export type Outputs = Map<string, Float32Array>

/** Rows to be run by whichever worker is free; run again when that worker ends. */
export interface Job {
  head: Head & { is: 'run' }
  data: Uint8Array
  /** Answered, or given up: a late answer is not wanted any more. */
  isSettled(): boolean
  settle(answer: Frame): void
  fail(error: Error): void
}

/** A job that settles a promise once. */
export function makeJob(
  head: Job['head'],
  data: Uint8Array,
  resolve: (outputs: Outputs) => void,
  reject: (error: Error) => void,
): Job {
  let isSettled = false
  return {
    head,
    data,
    isSettled: () => isSettled,
    settle(frame) {
      isSettled = true
      if (frame.head.is === 'failed') reject(new Unanswered('failed', frame.head.reason))
      else resolve(outputsOf(frame))
    },
    fail(error) {
      isSettled = true
      reject(error)
    },
  }
}

function outputsOf({ head, data }: Frame): Outputs {
  const all = (head as Head & { is: 'done' }).outputs
  const tensors = splitFloats(
    data,
    all.map(({ length }) => length),
  )
  return new Map(all.map(({ name }, k) => [name, tensors[k]!]))
}

/** A run of a model that gave no numbers; `error` is what the lines say. The stream goes on. */
export class Unanswered extends Error {
  readonly error: 'timeout' | 'no-worker' | 'failed'
  constructor(error: Unanswered['error'], reason: string) {
    super(reason)
    this.error = error
  }
}
