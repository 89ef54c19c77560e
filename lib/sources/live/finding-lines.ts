import { messageOf } from '../../base/errors.ts'
import { intervalName } from '../../market/interval-name.ts'
import { explain, fits } from '../../records/check.ts'
import type { Rec } from '../../records/record.ts'
import { type Line, makeLine } from '../../stream/line.ts'
import type { Complaints } from '../net/outside.ts'
import type { Finding } from '../providers/finding.ts'
import { pathHash } from '../providers/jupiter-quote.ts'

const PARTS = ['market', 'trade', 'candle', 'opportunity'] as const

/**
 * The lines of a finding; facts are not among them (facts.ts). What does not fit its schema is
 * rejected with the reason. `write` is which change of the pool in its slot a market is of.
 */
export function linesOf(
  found: Finding,
  source: string,
  seenAt: number,
  complain: Complaints,
  write = 0,
): Line[] {
  const out: Line[] = []
  for (const part of PARTS) {
    const value = found[part]
    if (value === undefined) continue
    const rec = { ...envelope(found, part, source, seenAt), [part]: value }
    if (part === 'market' && write > 0) rec.id += `:${write}`
    const line = admit(rec, part, complain)
    if (line !== undefined) out.push(line)
  }
  return out
}

/**
 * A line of our own making, or nothing and a complaint where outside data do not fit the schema
 * after all.
 */
export function admit(
  rec: Rec,
  part: (typeof PARTS)[number] | 'token' | 'gap',
  complain: Complaints,
): Line | undefined {
  try {
    if (!fits('envelope', rec)) explain('envelope', rec)
    if (!fits(part, rec[part])) explain(part, rec[part])
    return makeLine(rec)
  } catch (error) {
    complain.rejected(`${rec.source}: ${messageOf(error)}`)
    return undefined
  }
}

function envelope(
  found: Finding,
  kind: (typeof PARTS)[number],
  source: string,
  seenAt: number,
): Rec {
  const { mint, pool, ts, slot } = found
  return {
    v: 1,
    id: idOf(found, kind, source),
    ts,
    kind,
    mint,
    ...(pool === undefined ? {} : { pool }),
    source,
    ...(slot === undefined ? {} : { slot }),
    seenAt,
  }
}

/** Names of lines: a fact on chain has the same name whoever reports it. */
function idOf(found: Finding, kind: (typeof PARTS)[number], source: string): string {
  const { mint, pool = mint, ts, slot, candle, trade, opportunity } = found
  if (kind === 'candle')
    return `candle:${pool}:${intervalName(candle?.intervalMs ?? 0)}:${candle?.openAt}`
  if (kind === 'trade') return `trade:${trade?.signature}:${trade?.index ?? mint}`
  if (kind === 'opportunity')
    return `opportunity:${pathHash(opportunity?.path ?? [])}:${slot ?? ts}`
  return slot === undefined ? `market:${pool}:${source}:${ts}` : `market:${pool}:${slot}`
}

/** A stretch of time, in ms UTC, in which a source lost data. */
interface LostTime {
  source: string
  fromAt: number
  untilAt: number
  reason: string
  seenAt: number
  /** Pieces that were lost, where their number is known. */
  lost?: number | undefined
  /** What it is about, as a signature or an address: gaps of one moment have names of their own. */
  about?: string | undefined
}

/** The line that tells of a stretch of time in which a source lost data. */
export function gapLine(stretch: LostTime): Line {
  const { source, fromAt, untilAt, reason, seenAt, lost, about } = stretch
  const gap = {
    fromAt,
    untilAt,
    ...(lost === undefined ? {} : { lost }),
    reason: reason.slice(0, 200),
  }
  return makeLine({
    v: 1,
    id: `gap:${source}:${fromAt}${about === undefined ? '' : `:${about}`}`,
    ts: untilAt,
    kind: 'gap',
    source,
    seenAt,
    gap,
  })
}
