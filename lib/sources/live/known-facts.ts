import type { Token } from '../../records/token.ts'
import type { Finding } from '../providers/finding.ts'

type Field = Exclude<keyof Token, 'seen'>
interface Known {
  value: unknown
  source: string
  at: number
}
interface Entry {
  fields: Map<Field, Known>
  pool: string | undefined
  touchedAt: number
}

/** What a mint is known to be, with who said so and when. */
export interface Facts {
  /** Takes facts in; gives back the token part when something in it has changed. */
  merge(found: Finding, source: string): Token | undefined
  get(mint: string): Token | undefined
  size(): number
}

/**
 * Who is believed when two disagree: the chain itself, then the provider that looks closest. A
 * report gives way to a better source at once, and to any source once it is older than this.
 */
const TRUST = [
  'rpc',
  'rugcheck',
  'birdeye',
  'jupiter',
  'raydium',
  'geckoterminal',
  'dexscreener',
  'pumpportal',
]
const STALE_MS = 3_600_000
/**
 * Numbers that change by themselves: an older report of them never replaces a newer one, whoever
 * made it.
 */
const CHANGING: readonly Field[] = [
  'holderCount',
  'top10Share',
  'lpBurnedShare',
  'mintRevoked',
  'freezeRevoked',
  'creatorFeeBps',
  'transferFeeBps',
  'metadataMutable',
  'rugged',
]

const rank = (source: string): number => {
  const at = TRUST.indexOf(source)
  return at < 0 ? TRUST.length : at
}

/** Facts of at most `maxMints` mints; the one that was reported on longest ago goes first. */
export function makeFacts(maxMints: number): Facts {
  const all = new Map<string, Entry>()
  return {
    merge(found, source) {
      const { mint, facts, ts } = found
      if (facts === undefined) return undefined
      const entry = all.get(mint) ?? { fields: new Map(), pool: undefined, touchedAt: ts }
      // Last touched last: the first entry is the oldest.
      all.delete(mint)
      all.set(mint, entry)
      if (all.size > maxMints) all.delete(all.keys().next().value!)
      let hasChanged = false
      for (const [name, value] of Object.entries(facts)) {
        if (name !== 'seen')
          hasChanged = take(entry, name as Field, { value, source, at: ts }) || hasChanged
      }
      return hasChanged ? tokenOf(entry, source, ts) : undefined
    },
    get(mint) {
      const entry = all.get(mint)
      return entry === undefined ? undefined : tokenOf(entry, '', 0)
    },
    size: () => all.size,
  }
}

/** True when the value of the field is another one now. */
function take({ fields }: Entry, name: Field, report: Known): boolean {
  const old = fields.get(name)
  if (old !== undefined && !isBetter(name, report, old)) return false
  fields.set(name, report)
  return old === undefined || JSON.stringify(old.value) !== JSON.stringify(report.value)
}

function isBetter(name: Field, report: Known, old: Known): boolean {
  if (CHANGING.includes(name) && report.at < old.at) return false
  return rank(report.source) <= rank(old.source) || report.at - old.at > STALE_MS
}

/**
 * The part: `seen` names source and time of every field that this very report does not vouch for.
 */
function tokenOf({ fields }: Entry, source: string, at: number): Token {
  const out: Record<string, unknown> = {}
  const seen: Record<string, { source: string; at: number }> = {}
  for (const [name, known] of fields) {
    out[name] = known.value
    if (known.source !== source || known.at !== at)
      seen[name] = { source: known.source, at: known.at }
  }
  if (Object.keys(seen).length > 0) out.seen = seen
  return out as Token
}
