import { createHash } from 'node:crypto'
import type { Kind } from '../../records/envelope.ts'

/** One feature: its place in the list is its place in the vector. */
interface FeatureDefinition {
  name: string
  version: number
  unit: string
  /** Lines or time until it is known, in the words of the reference: `20 trades`, `5–6 min`. */
  warmup: string
  /** Fields it is read from. */
  source: string
  definition: string
}

export interface FeatureSetDefinition<Name extends string = string> {
  name: Name
  /** Lines that it is put on. */
  kinds: readonly Kind[]
  /**
   * `market`: read from lines of all mints, by declaration; else from lines of the same mint only.
   */
  scope: 'mint' | 'market'
  /** Whether it is computed when no set is named: those that models are trained on. */
  isDefault: boolean
  /** Whether it needs what the token and market lines have said so far. */
  readsFacts: boolean
  /** Lines or time that `ready` needs; absent = not declared, as of sets of plugins. */
  ready?: string
  features: readonly FeatureDefinition[]
  /**
   * First 12 hex digits of the sha256 over the ordered `name@version:unit` list, joined by
   * newlines.
   */
  hash: string
}

interface Declaration<Name extends string> {
  name: Name
  kinds: readonly Kind[]
  scope?: 'mint' | 'market'
  isDefault?: boolean
  readsFacts?: boolean
  ready?: string
  /**
   * In vector order: `name@version | unit | lines until it is known | read from`, and below it,
   * indented, what it is in words.
   */
  rows: string
}

/**
 * Declares a feature set. Changing what a feature is means a new version of it: models trained on
 * the old one are then refused by the hash. A feature whose input is unknown is absent (NaN in
 * tensors) unless its definition says otherwise. Throws a RangeError that names the row for one
 * that is not whole, and for a name that comes twice.
 */
export function featureSet<const Name extends string>({
  name,
  kinds,
  scope = 'mint',
  isDefault = true,
  readsFacts = false,
  ready,
  rows,
}: Declaration<Name>): FeatureSetDefinition<Name> {
  const features = rows
    .trim()
    .split(/\n(?! )/)
    .map(row => parse(name, row))
  const twice = features.find((feature, i) => features.findIndex(isNamed(feature)) < i)
  if (twice !== undefined) throw new RangeError(`set ${name}: ${twice.name} is there twice`)
  const hash = hashOf(features)
  const needs = ready === undefined ? {} : { ready }
  return { name, kinds, scope, isDefault, readsFacts, ...needs, features, hash }
}

const isNamed =
  ({ name }: FeatureDefinition) =>
  (other: FeatureDefinition): boolean =>
    other.name === name

const ROW = /^([a-z][A-Za-z0-9]*)@([1-9]\d*) \| ([^|\n]+) \| ([^|\n]+) \| ([^|\n]+)\n([^|]+)$/

function parse(set: string, row: string): FeatureDefinition {
  const found = ROW.exec(row)
  if (found === null)
    throw new RangeError(
      `set ${set}: expected "name@version | unit | warm-up | source" and an indented ` +
        `definition, got ${JSON.stringify(row)}`,
    )
  const [name, version, unit, warmup, source, words] = found.slice(1) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  const definition = words.trim().replace(/\n\s+/g, ' ')
  return { name, version: Number(version), unit, warmup, source, definition }
}

/** Identity of an ordered feature list; a model bundle that names another one is refused. */
export const hashOf = (features: readonly Identified[]): string => hashOfIds(features.map(idOf))

/** The hash of a set from what its features are (`idOf`), in their order. */
export const hashOfIds = (ids: readonly string[]): string =>
  createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 12)

type Identified = Pick<FeatureDefinition, 'name' | 'version' | 'unit'>

/** What a feature is, in bundles and for the hash of its set: `name@version:unit`. */
export const idOf = ({ name, version, unit }: Identified): string => `${name}@${version}:${unit}`
