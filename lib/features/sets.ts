import { createHash } from 'node:crypto'
import type { Kind } from '../records/envelope.ts'
import { DEFINITIONS } from './definitions.ts'

export type SetName = keyof typeof DEFINITIONS

/** One feature: its place in the list is its place in the vector. */
export interface FeatureDefinition {
  name: string
  version: number
  unit: string
  /** Lines or time until it is known. */
  warmup: string
  /** Fields it is read from. */
  source: string
  definition: string
}

export interface FeatureSetDefinition {
  name: SetName
  /** Lines that it is put on. */
  kinds: readonly Kind[]
  /**
   * `market`: read from lines of all mints, by declaration; else from lines of the same mint only.
   */
  scope: 'mint' | 'market'
  features: readonly FeatureDefinition[]
  /**
   * First 12 hex digits of the sha256 over the ordered `name@version:unit` list, joined by
   * newlines.
   */
  hash: string
}

const KINDS: Record<SetName, readonly Kind[]> = {
  sequence: ['candle'],
  price: ['candle'],
  volatility: ['candle'],
  tabular: ['token', 'market'],
  pool: ['market'],
  opportunity: ['opportunity'],
  whales: ['trade', 'market'],
  regime: ['market'],
}

/** All sets by name. */
export const SETS = Object.fromEntries(
  (Object.keys(DEFINITIONS) as SetName[]).map(name => [name, define(name)]),
) as unknown as Readonly<Record<SetName, FeatureSetDefinition>>
export const SET_NAMES = Object.keys(SETS) as SetName[]
/** Sets computed when none are named: those that models are trained on. */
export const DEFAULT_SETS = SET_NAMES.filter(
  name => SETS[name].scope === 'mint' && name !== 'whales',
)

function define(name: SetName): FeatureSetDefinition {
  const features = DEFINITIONS[name].trim().split('\n').map(parse)
  return {
    name,
    kinds: KINDS[name],
    scope: name === 'regime' ? 'market' : 'mint',
    features,
    hash: hashOf(features),
  }
}

function parse(row: string): FeatureDefinition {
  const [id, unit, warmup, source, definition] = row.split(' | ') as [
    string,
    string,
    string,
    string,
    string,
  ]
  const [name, version] = id.split('@') as [string, string]
  return { name, version: Number(version), unit, warmup, source, definition }
}

/** Identity of an ordered feature list; a model bundle that names another one is refused. */
export function hashOf(
  features: readonly Pick<FeatureDefinition, 'name' | 'version' | 'unit'>[],
): string {
  const text = features
    .map(feature => `${feature.name}@${feature.version}:${feature.unit}`)
    .join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
