import type { Line } from '../stream/line.ts'
import type { Stage } from '../stream/run.ts'
import { pump } from '../stream/run.ts'
import type { Sink } from '../stream/sink.ts'

/** A pipeline as a function of its whole input: fresh state each time, output lines in order. */
export type Transform = (raws: readonly string[]) => Promise<string[]>

const CHUNK = 256

/** Runs freshly opened stages over lines, to the end of input. */
export function makeTransform(open: () => Promise<Stage[]>): Transform {
  return async raws => {
    const stages = await open()
    const out: string[] = []
    await pump(batches(raws, stages[0]!), stages, collect(out))
    return out
  }
}

async function* batches(raws: readonly string[], { intake }: Stage): AsyncGenerator<Line[]> {
  for (let i = 0; i < raws.length; i += CHUNK) {
    yield raws.slice(i, i + CHUNK).flatMap(raw => intake.parse(raw) ?? [])
  }
}

function collect(out: string[]): Sink {
  return {
    write: text => {
      out.push(text)
      return undefined
    },
    lines: lines => {
      for (const line of lines) out.push(line.raw)
      return undefined
    },
    isClosed: () => false,
  }
}
