import { setTimeout as wait } from 'node:timers/promises'
import type { Rec } from '../records/record.ts'
import type { Source } from '../stream/step.ts'
import { firstDifference, type Law } from './stream-laws.ts'

/** Lines that are looked at, and how long a source is waited for. */
const MOST = 2000
const PATIENCE_MS = 20_000

/** The laws of a source, opened afresh for each. Lines are held to their schemas as they come. */
export function sourceLaws(open: () => Promise<Source>): Law[] {
  return [
    {
      law: 'says',
      difference: async () => ((await firstLines(open)).length > 0 ? undefined : 'says nothing'),
    },
    {
      law: 'replay',
      difference: async () =>
        firstDifference(
          await firstLines(open),
          await firstLines(open),
          'in one run',
          'in the next',
        ),
    },
    {
      law: 'ids',
      difference: async () => {
        const ids = (await firstLines(open)).map(raw => (JSON.parse(raw) as Rec).id)
        const twice = ids.findIndex((id, i) => ids.indexOf(id) < i)
        return twice < 0
          ? undefined
          : `line ${twice + 1} has the id of an earlier one: ${ids[twice]}`
      },
    },
    {
      law: 'time',
      difference: async () => {
        const times = (await firstLines(open)).map(raw => (JSON.parse(raw) as Rec).ts)
        const back = times.findIndex((ts, i) => ts < (times[i - 1] ?? 0))
        return back < 0
          ? undefined
          : `line ${back + 1} is of ${times[back]}, the one before of ${times[back - 1]}`
      },
    },
    { law: 'signal', difference: () => deafness(open) },
  ]
}

async function firstLines(open: () => Promise<Source>): Promise<string[]> {
  const source = await open()
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS)
  const raws: string[] = []
  try {
    for await (const batch of source.lines(stop.signal)) {
      raws.push(...batch.map(({ raw }) => raw))
      if (raws.length >= MOST) break
    }
  } finally {
    clearTimeout(timer)
    stop.abort()
    await source.close?.()
  }
  return raws.slice(0, MOST)
}

/** After the signal a source has a moment to end by itself; batches it has begun may still come. */
async function deafness(open: () => Promise<Source>): Promise<string | undefined> {
  const source = await open()
  const stop = new AbortController()
  const lines = source.lines(stop.signal)[Symbol.asyncIterator]()
  const bell = new AbortController()
  const late = wait(5000, 'late' as const, { signal: bell.signal }).catch(() => 'late' as const)
  try {
    await lines.next()
    stop.abort()
    for (let batches = 0; batches < 3; batches++) {
      const next = await Promise.race([lines.next(), late])
      if (next === 'late') return 'has not ended 5 s after it was told to'
      if (next.done) return undefined
    }
    return 'goes on after it was told to end'
  } finally {
    bell.abort()
    await source.close?.()
  }
}
