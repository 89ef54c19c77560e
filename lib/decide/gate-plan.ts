import { createHash } from 'node:crypto'
import { UsageError } from '../base/errors.ts'
import { valuesOf } from '../base/flag-groups.ts'
import type { Values } from '../base/flags.ts'
import { parseSplit } from './arms.ts'
import { combineDefaults, parseWeights, SCORE_FLAGS } from './combine.ts'
import type { GatePlan } from './decide.ts'
import type { GateRule } from './gate-case.ts'
import type { GATE_FLAGS } from './gate-flags.ts'
import { GATE_RULES } from './gate-rules.ts'
import { bindRules, settingsOf } from './rule-table.ts'
import { SIZE_FLAGS, type Sizes, sizesInCash } from './sizing.ts'

/**
 * The plan that the flags describe, by the rules of a table. The config hash is over what decides,
 * and nothing else: how lines are read, kept or explained does not change it. Throws UsageError on
 * an unknown rule or a malformed weight. `identities` are the foreign programs of a run;
 * `isGiven` says which sizes somebody gave.
 */
export function gatePlan(
  flags: Values<typeof GATE_FLAGS>,
  table: readonly GateRule[] = GATE_RULES,
  identities: readonly unknown[] = [],
  isGiven: Record<keyof Sizes, boolean> = { size: false, maxSize: false },
): GatePlan {
  if (flags.mlRequired && !flags.useMl)
    throw new UsageError('--ml-required needs predictions: not with --no-use-ml')
  const { mlWeight, weights: words, split: sides, ...scoring } = valuesOf(SCORE_FLAGS, flags)
  const own = { ...scoring, ...valuesOf(SIZE_FLAGS, flags) }
  const weights = words === undefined ? combineDefaults(mlWeight) : parseWeights(words)
  const split = sides === undefined ? undefined : parseSplit(sides)
  const rules = bindRules(table, flags, flags.without)
  const others = identities.length === 0 ? {} : { identities }
  const inCash = sizesInCash(own, isGiven)
  const given =
    inCash === undefined
      ? {}
      : { 'size in cash': String(inCash.size), 'max size in cash': String(inCash.maxSize) }
  const config = configHash({
    ...own,
    weights: [...weights],
    ...(split === undefined ? {} : { split }),
    ...settingsOf(rules),
    ...others,
    ...given,
  })
  return { ...own, inCash, weights, split, rules, explain: flags.explain, config }
}

/**
 * First eight hex digits of the sha256 over all thresholds, in key order: decisions of one
 * configuration share it.
 */
function configHash(values: Record<string, unknown>): string {
  const text = Object.keys(values)
    .sort()
    .map(key => `${key}=${plain(values[key])}`)
    .join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

const plain = (value: unknown): string =>
  typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing')
