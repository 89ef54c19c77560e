import type { Static } from '../records/kit.ts'
import type { ModelPrediction } from '../records/prediction.ts'
import type { Rec } from '../records/record.ts'

type Heads = Static<typeof ModelPrediction>

/** A prediction that gate remembers, and the line it came from. */
export interface Remembered {
  id: string
  ts: number
  heads: Heads
}
/** What a role found and which models told. */
interface Role {
  value: number | undefined
  models: string[]
}

const profitable = (h: Heads): number | undefined => h.profitable
const succeeds = (h: Heads): number | undefined => h.successProbability
const climbs = ({ probabilities: p }: Heads): number | undefined =>
  p?.PUMP === undefined || p.MOON === undefined ? undefined : Math.min(1, p.PUMP + p.MOON)

/**
 * The score of the model role: the first present of sequence.profitable,
 * opportunity.successProbability, moon.p and PUMP + MOON. A model under another name counts by its
 * head, after the one that owns the head.
 */
export function modelRole(models: ReadonlyMap<string, Remembered>): Role {
  return (
    byHead(models, 'sequence', profitable) ??
    byHead(models, 'opportunity', succeeds) ??
    owned(models, 'moon', h => h.p) ??
    byHead(models, 'outcome', climbs) ?? { value: undefined, models: [] }
  )
}

/**
 * The score of the model role on an arbitrage path, of the models that the line itself tells: a
 * model of candles knows nothing of the path, and another path is another trade.
 */
export const pathRole = (own: ReadonlyMap<string, Remembered>): Role =>
  byHead(own, 'opportunity', succeeds) ?? { value: undefined, models: [] }

/** What the models say on a line itself. */
export function predictedOn({ id, ts, prediction }: Rec): Map<string, Remembered> {
  const own = new Map<string, Remembered>()
  for (const name in prediction) own.set(name, { id, ts, heads: prediction[name]! })
  return own
}

/**
 * The rug role: the highest of sequence.rugRisk, outcome.rugProb and rug.p, of any model that has
 * the head.
 */
export function rugRole(models: ReadonlyMap<string, Remembered>): Role {
  const role: Role = { value: undefined, models: [] }
  for (const [name, { heads }] of models) {
    for (const risk of [heads.rugRisk, heads.rugProb, name === 'rug' ? heads.p : undefined]) {
      if (risk === undefined) continue
      role.value = Math.max(role.value ?? 0, risk)
      if (!role.models.includes(name)) role.models.push(name)
    }
  }
  return role
}

type Head = (heads: Heads) => number | undefined

function owned(
  models: ReadonlyMap<string, Remembered>,
  name: string,
  head: Head,
): Role | undefined {
  const found = models.get(name)
  const value = found === undefined ? undefined : head(found.heads)
  return value === undefined ? undefined : { value, models: [name] }
}

function byHead(
  models: ReadonlyMap<string, Remembered>,
  owner: string,
  head: Head,
): Role | undefined {
  const own = owned(models, owner, head)
  if (own !== undefined) return own
  const names = [...models.keys()].sort()
  for (const name of names) {
    const found = owned(models, name, head)
    if (found !== undefined) return found
  }
  return undefined
}
