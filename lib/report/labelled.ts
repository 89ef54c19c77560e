import { checkFiles, openBytes } from '../base/bytes.ts'
import type { Decision } from '../records/decision.ts'
import type { Rec } from '../records/record.ts'
import { makeIntake } from '../stream/intake.ts'
import { readLines } from '../stream/reader.ts'
import type { OutcomeOptions } from './judging-flags.ts'

/** A decision whose outcome is known. */
export interface Outcome {
  mint: string
  ts: number
  availableAt: number
  decision: Decision
  /** Return from the anchor to the horizon, less what a round trip costs. */
  net: number
}

/** Outcomes of labelled decisions, and how many label lines could not be used. */
export function makeOutcomes({ horizon, costBps }: OutcomeOptions) {
  const rows = new Map<string, Outcome>()
  const unused = { decision: 0, return: 0 }
  return {
    take({ id, ts, mint, decision, label }: Rec): void {
      if (label === undefined || label.horizon !== horizon || mint === undefined) return
      if (decision === undefined) unused.decision++
      else if (label.return === undefined) unused.return++
      else
        rows.set(id, {
          mint,
          ts,
          availableAt: label.availableAt,
          decision,
          net: label.return - costBps / 10_000,
        })
    },
    /** By time, then in the order of reading. */
    rows: (): Outcome[] => [...rows.values()].sort((a, b) => a.ts - b.ts),
    unused: (): Readonly<typeof unused> => unused,
  }
}
export type Outcomes = ReturnType<typeof makeOutcomes>

/**
 * Reads labelled lines of files or stdin (`-`). Throws a UsageError for an unreadable file, a
 * DataError for a bad line.
 */
export async function readOutcomes(
  paths: readonly string[],
  options: OutcomeOptions,
  signal: AbortSignal,
): Promise<Outcomes> {
  await checkFiles(paths)
  const outcomes = makeOutcomes(options)
  for (const path of paths) {
    const policy = { skip: false, max: 0, reject() {} }
    const intake = makeIntake(['decision', 'label'], policy, path === '-' ? '' : path)
    for await (const batch of readLines(openBytes(path, signal), intake))
      for (const { rec } of batch) outcomes.take(rec)
  }
  return outcomes
}
