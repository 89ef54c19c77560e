import { messageOf } from '../base/errors.ts'
import { defaultsOf } from '../base/flags.ts'
import { type FeatureStep, makeFeatures } from '../features/features-step.ts'
import type { FeatureFamily } from '../features/kit/family.ts'
import { makePlayer, makeRecorder } from '../features/kit/state-tape.ts'
import type { OurOptions } from '../features/sets.ts'
import type { Rec } from '../records/record.ts'
import { parseLine } from '../stream/parse.ts'
import {
  busiestMint,
  firstDifference,
  type Law,
  orderDifference,
  prefixDifference,
  replayDifference,
  throughStep,
} from './stream-laws.ts'
import type { Transform } from './transform.ts'

/**
 * The laws of a family of features over lines. `options` are those of `features` without a flag;
 * values are held to their schema and to the rows of the set by what guards a plugin.
 */
export function familyLaws(
  family: FeatureFamily,
  options: OurOptions,
  raws: readonly string[],
  cuts: readonly number[],
): Law[] {
  const sets = family.sets.map(({ name }) => name)
  const own = { ...defaultsOf(family.flags ?? {}), ...options, sets, every: 0, maxTokens: 10_000 }
  const make = () => makeFeatures(own, [frozenLines(family)])
  const run = throughStep(make)
  const mint = busiestMint(raws)
  const isOfMint = family.sets.every(({ scope }) => scope === 'mint')
  return [
    { law: 'says', difference: () => silentSet(run, sets, raws) },
    { law: 'replay', difference: () => replayDifference(run, raws) },
    { law: 'prefix', difference: () => prefixDifference(run, raws, cuts) },
    {
      law: 'order',
      difference: () =>
        mint === undefined || !isOfMint ? undefined : orderDifference(run, raws, mint),
    },
    { law: 'checkpoint', difference: () => lostState(make, run, raws, cuts) },
  ]
}

/** A family that is handed lines which nobody may change. */
const frozenLines = (family: FeatureFamily): FeatureFamily => ({
  ...family,
  make(options, known) {
    const state = family.make(options, known)
    return { ...state, see: (rec, entries) => state.see(frozen(rec), entries) }
  },
})

/** The features of a line are replaced by whoever adds some, so only a copy of it can be frozen. */
function frozen(rec: Rec): Rec {
  for (const part of Object.values(rec)) if (typeof part === 'object') Object.freeze(part)
  return Object.freeze({ ...rec })
}

async function silentSet(
  run: Transform,
  sets: readonly string[],
  raws: readonly string[],
): Promise<string | undefined> {
  const out = (await run(raws)).map(raw => JSON.parse(raw) as Rec)
  const silent = sets.find(name => !out.some(({ features }) => features?.[name] !== undefined))
  return silent && `${silent} is on none of these lines: it could not be held to the laws`
}

/** Places at which a state is saved: an early one alone may be before there is any. */
const SAVES = 5

async function lostState(
  make: () => FeatureStep,
  run: Transform,
  raws: readonly string[],
  cuts: readonly number[],
): Promise<string | undefined> {
  const whole = await run(raws)
  for (const cut of [...cuts.slice(0, SAVES), Math.ceil(raws.length / 2)]) {
    const difference = lostAt(make, whole, raws, cut)
    if (difference !== undefined) return difference
  }
  return undefined
}

function lostAt(
  make: () => FeatureStep,
  whole: readonly string[],
  raws: readonly string[],
  cut: number,
): string | undefined {
  const [first, second] = [make(), make()]
  const lines = raws.map((raw, i) => parseLine(raw, i + 1))
  for (const line of lines.slice(0, cut)) first.line(line, () => undefined)
  for (const [key, visit] of first.tokens()) {
    const recorder = makeRecorder()
    visit(recorder)
    const player = makePlayer(recorder.recorded())
    try {
      second.restoring(key)(player)
    } catch (error) {
      return `its state after line ${cut} cannot be restored: ${messageOf(error)}`
    }
    if (!player.isAtEnd()) return `its state after line ${cut} holds more than it reads back`
  }
  const out: string[] = []
  for (const line of lines.slice(cut)) second.line(line, each => void out.push(each.raw))
  return firstDifference(
    whole.slice(cut),
    out,
    'in one run',
    `when its state is saved after line ${cut} and restored`,
  )
}
