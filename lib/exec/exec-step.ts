import { DataError, show } from '../base/errors.ts'
import type { Line } from '../stream/line.ts'
import { parseLine } from '../stream/parse.ts'
import type { Step } from '../stream/step.ts'
import type { Program } from './program.ts'

/** What an answer must not change: a line is told apart, ordered and dated by these. */
const ENVELOPE = ['v', 'id', 'ts', 'kind', 'mint', 'pool', 'source', 'slot', 'seenAt', 'warm']

/**
 * Hands every line to a program and goes on with what it answers: one line for each, of the same
 * envelope, in order. Throws a DataError naming the line for another answer.
 */
export function makeExec(program: Program): Step {
  let no = 0
  return {
    async batch(lines, emit) {
      let i = 0
      for await (const answer of program.ask(lines.map(line => line.raw)))
        emit(taken(lines[i++]!, answer, ++no))
    },
    end: () => program.finish(),
    close: () => program.kill(),
  }
}

function taken(asked: Line, answer: string, no: number): Line {
  try {
    const line = parseLine(answer, asked.no)
    refuseOtherEnvelope(asked, line)
    return line
  } catch (error) {
    if (error instanceof DataError) error.line ??= asked.no || no
    throw error
  }
}

function refuseOtherEnvelope(asked: Line, answer: Line): void {
  const [want, got] = [asked.rec, answer.rec] as unknown as Record<string, unknown>[]
  for (const field of ENVELOPE)
    if (want![field] !== got![field])
      throw new DataError(
        `expected ${show(want![field])} as in the line that it was asked about, ` +
          `got ${show(got![field])}`,
        { field },
      )
}
