import type { Command, Ctx } from '../../lib/cli/command.ts'
import type { Rec } from '../../lib/records/record.ts'
import { makeEventTime } from '../../lib/stream/event-time.ts'
import { makeIntake } from '../../lib/stream/intake.ts'
import type { Line } from '../../lib/stream/line.ts'
import type { Step } from '../../lib/stream/step.ts'

/** A context with the default flags of a command, for tests that drive its step directly. */
export function contextOf(
  command: Command,
  flags: Record<string, unknown> = {},
  home = '/nonexistent',
): Ctx {
  const counts = new Map<string, number>()
  return {
    flags: {
      ...Object.fromEntries(Object.entries(command.flags).map(([k, f]) => [k, f.default])),
      ...flags,
    } as never,
    args: [],
    home,
    homeFrom: 'environment',
    log: { info() {}, warn() {}, error() {} },
    count: (what, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by),
    time: makeEventTime(3_600_000),
    makeTime: () => makeEventTime(3_600_000),
    signal: new AbortController().signal,
    deterministic: true,
    env: {},
    intake: place => makeIntake([], { skip: false, max: 0, reject: () => {} }, place),
  }
}

export const lineOf = (raw: string, no = 0): Line => ({
  raw,
  rec: JSON.parse(raw) as Rec,
  checked: undefined,
  no,
})

/** Output of a step for input lines, fed in chunks of the given size. */
export async function runStep(step: Step, raws: readonly string[], chunk = 1): Promise<string[]> {
  const out: string[] = []
  const emit = (line: Line): void => void out.push(line.raw)
  try {
    for (let i = 0; i < raws.length; i += chunk) {
      const lines = raws.slice(i, i + chunk).map(lineOf)
      if (step.batch) await step.batch(lines, emit)
      else for (const line of lines) step.line?.(line, emit)
    }
    await step.end?.(emit)
  } finally {
    await step.close?.()
  }
  return out
}
