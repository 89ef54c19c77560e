import { type Metric, metricsText } from '../../alerts/prometheus.ts'

/** Counts of a run, passed on to the closing summary and kept for metrics. */
export interface Tally {
  count(what: string, by?: number): void
  /** As Prometheus text; `now` are figures of the moment by name. */
  text(now: Record<string, number>): string
}

/** What is counted by provider, as `dexscreener calls`; everything else is counted by its words. */
const BY_PROVIDER: Record<string, string> = {
  calls: 'calls made',
  limited: 'answers 429: too many calls',
  failed: 'calls without an answer',
  'ms waited': 'time that calls waited for their turn within the budget, ms',
  messages: 'messages on a socket',
  bytes: 'bytes of answers and messages, unpacked',
  reconnects: 'sockets opened again',
}
/** What these say of answers that were read: a call is one until it turns out to have none. */
const ANSWERS: Record<string, 1 | -1> = { calls: 1, messages: 1, limited: -1, failed: -1 }
const KNOWN = new RegExp(`^(\\S+) (${Object.keys(BY_PROVIDER).join('|')})$`)

/** A tally over `count`; `took` is told of answers and messages that were read. */
export function makeTally(
  count: (what: string, by?: number) => void,
  took?: (answers: number) => void,
): Tally {
  const counts = new Map<string, number>()
  return {
    count(what, by = 1) {
      counts.set(what, (counts.get(what) ?? 0) + by)
      const [, , kind = ''] = KNOWN.exec(what) ?? []
      if (kind in ANSWERS) took?.(by * ANSWERS[kind]!)
      count(what, by)
    },
    text(now) {
      const rest: Metric['samples'][number][] = []
      const split = new Map<string, Metric['samples'][number][]>()
      for (const [what, n] of counts) {
        const [, provider, kind] = KNOWN.exec(what) ?? []
        if (provider === undefined || kind === undefined) rest.push([{ what }, n])
        else split.set(kind, [...(split.get(kind) ?? []), [{ provider }, n]])
      }
      const byProvider = [...split].map(
        ([kind, samples]): Metric => ({
          name: `sluice_source_${kind.replace('ms waited', 'waited_ms')}_total`,
          type: 'counter',
          help: BY_PROVIDER[kind]!,
          samples,
        }),
      )
      const gauges = Object.entries(now).map(
        ([what, value]): Metric => ({
          name: `sluice_source_${what.replaceAll(' ', '_')}`,
          type: 'gauge',
          help: what,
          samples: [[{}, value]],
        }),
      )
      const events: Metric = {
        name: 'sluice_source_events_total',
        type: 'counter',
        help: 'what happened, by the words of the closing summary',
        samples: rest,
      }
      return metricsText([...byProvider, ...gauges, events])
    },
  }
}
