import { show, UsageError } from '../base/errors.ts'

/** A flag of one stage and the values to try. */
interface Axis {
  stage: string
  flag: string
  values: string[]
}
/** One value per axis, in the order of the axes. */
export type Combination = readonly { stage: string; flag: string; value: string }[]

/** More would not end; and the best of so many is luck. */
const MOST = 10_000

const WORDS = /^([a-z][a-z-]*) --([a-z][a-z0-9-]*) (\S.*)$/
const RANGE =
  /^(-?\d+(?:\.\d+)?)([a-zA-Z]*)\.\.(-?\d+(?:\.\d+)?)([a-zA-Z]*):(\d+(?:\.\d+)?)([a-zA-Z]*)$/

/**
 * Reads `gate --min-confidence 0.5..0.9:0.05` or `gate --cooldown 5m 10m 1h`: a stage, one of its
 * flags, and values or ranges from..to:step, whose ends count. Throws a UsageError.
 */
export function parseAxis(text: string): Axis {
  const [, stage, flag, rest] = WORDS.exec(text.trim().replace(/\s+/g, ' ')) ?? []
  if (stage === undefined || flag === undefined || rest === undefined)
    throw new UsageError(
      `--sweep: expected STAGE --FLAG VALUES like 'gate --min-confidence 0.5..0.9:0.05', got ` +
        `${show(text)}`,
    )
  const values = rest.split(' ').flatMap(word => valuesOf(word))
  if (new Set(values).size < values.length)
    throw new UsageError(`--sweep: ${stage} --${flag} has a value twice`)
  return { stage, flag, values }
}

function valuesOf(word: string): string[] {
  const found = RANGE.exec(word)
  if (found === null) return [word]
  const [, from = '', unit, to = '', unitTo, step = '', unitStep] = found
  const [low, high, by] = [Number(from), Number(to), Number(step)]
  if (unit !== unitTo || unit !== unitStep || !(by > 0) || high < low)
    throw new UsageError(
      `--sweep: expected from..to:step with one unit and from ≤ to, got ${show(word)}`,
    )
  const count = Math.floor((high - low) / by + 1e-9) + 1
  if (count > MOST)
    throw new UsageError(`--sweep: ${show(word)} has ${count} values, more than ${MOST}`)
  const decimals = Math.max(...[from, step].map(text => text.split('.')[1]?.length ?? 0))
  return Array.from(
    { length: count },
    (_, i) => `${Number((low + i * by).toFixed(decimals))}${unit}`,
  )
}

/**
 * Every combination, the last axis turning fastest. Throws a UsageError when there are too many, or
 * an axis twice.
 */
export function combinationsOf(axes: readonly Axis[]): Combination[] {
  const names = axes.map(({ stage, flag }) => `${stage} --${flag}`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`--sweep: ${twice} is given twice`)
  const count = axes.reduce((product, { values }) => product * values.length, 1)
  if (count > MOST) throw new UsageError(`--sweep: ${count} combinations, more than ${MOST}`)
  let all: Combination[] = [[]]
  for (const { stage, flag, values } of axes)
    all = all.flatMap(before => values.map(value => [...before, { stage, flag, value }]))
  return all
}

/**
 * The stages with the flags of a combination. Throws a UsageError for a stage that is not there
 * once.
 */
export function applied(
  stages: readonly (readonly string[])[],
  combination: Combination,
): string[][] {
  const made = stages.map(words => [...words])
  for (const { stage, flag, value } of combination) {
    const found = made.filter(([name]) => name === stage)
    if (found.length !== 1)
      throw new UsageError(
        `--sweep: ${stage} stands ${found.length} times in the pipeline, expected once`,
      )
    found[0]?.splice(1, 0, `--${flag}=${value}`)
  }
  return made
}

/** How many stages in front all combinations share. */
export function sharedStages(
  stages: readonly (readonly string[])[],
  axes: readonly Axis[],
): number {
  return Math.min(...axes.map(({ stage }) => stages.findIndex(([name]) => name === stage)))
}
