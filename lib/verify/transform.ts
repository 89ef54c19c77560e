import type { Line } from '../stream/line.ts'
import type { Stage } from '../stream/run.ts'
import { pump } from '../stream/run.ts'
import type { Sink } from '../stream/sink.ts'
import type { Emit, Step } from '../stream/step.ts'

/** What went into a stage and what came out of it, by id, and how far behind it may be. */
export interface StageTrace {
  name: string
  /** Lines; a reducer, which lets none through, has no bound. */
  lag: number
  in: string[]
  out: string[]
}

/**
 * A pipeline as a function of its whole input: fresh state each time, output lines in order. One
 * that knows its stages adds a trace of each.
 */
export type Transform = (raws: readonly string[], traces?: StageTrace[]) => Promise<string[]>

const CHUNK = 256

/** Runs freshly opened stages over lines, to the end of input. */
export function makeTransform(open: () => Promise<Stage[]>): Transform {
  return async (raws, traces) => {
    const opened = await open()
    const stages = traces === undefined ? opened : opened.map(stage => traced(stage, traces))
    const out: string[] = []
    await pump(batches(raws, stages[0]!), stages, collect(out))
    return out
  }
}

/** The stage with its lines written down. */
function traced(stage: Stage, traces: StageTrace[]): Stage {
  const { step, name } = stage
  const lag = step.isReducer ? Number.POSITIVE_INFINITY : (step.lag ?? 0)
  const trace: StageTrace = { name, lag, in: [], out: [] }
  traces.push(trace)
  const noting =
    (emit: Emit): Emit =>
    line => {
      trace.out.push(line.rec.id)
      emit(line)
    }
  const watched: Step = { ...step }
  const { line: one, batch, end } = step
  if (one !== undefined)
    watched.line = (line, emit) => {
      trace.in.push(line.rec.id)
      one(line, noting(emit))
    }
  if (batch !== undefined)
    watched.batch = (lines, emit) => {
      for (const { rec } of lines) trace.in.push(rec.id)
      return batch(lines, noting(emit))
    }
  if (end !== undefined) watched.end = emit => end(noting(emit))
  return { ...stage, step: watched }
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
