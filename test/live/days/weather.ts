import type { Rng } from '../../../lib/base/rng.ts'
import { type DiskFaults, SOUND } from './disk.ts'
import { HOSTILE_STEPS } from './hostile-steps.ts'
import { HONEST, type Twist } from './node.ts'
import { CALM, type Weather } from './process.ts'

/** What goes wrong in one life of a process. */
export interface Storm {
  name: string
  weather: Weather
  disk: DiskFaults
  drift: number
  losesPower: boolean
  clockSetBy: number
}

const maybe = (rng: Rng, chance: number, value: () => number): number =>
  rng.next() < chance ? value() : 0

/** Troubles of random kinds and strengths. */
export function stormOf(rng: Rng, hasWitness: boolean): Storm {
  const spoil = rng.next() < 0.25 ? spoilOf(rng) : undefined
  const weather: Weather = {
    ...CALM,
    failing: maybe(rng, 0.4, () => 0.3 * rng.next()),
    hanging: maybe(rng, 0.2, () => 0.05 * rng.next()),
    slow: maybe(rng, 0.7, rng.next),
    twisted: maybe(rng, 0.5, rng.next),
    twist: twistOf,
    // Of two nodes one may lie; whoever has one only has to believe it.
    liar: hasWitness && rng.next() < 0.15 ? (rng.next() < 0.5 ? 'node' : 'witness') : undefined,
    spoil: spoil?.spoil,
    wrongQuotes: maybe(rng, 0.3, () => 0.3 * rng.next()),
    forgets: !hasWitness && rng.next() < 0.8,
    reclaims: rng.next() < 0.1,
    strangers: maybe(rng, 0.1, () => 0.05 * rng.next()),
    donors: maybe(rng, 0.1, () => 0.01 * rng.next()),
    vets: rng.next() < 0.05,
    lists: rng.next() < 0.1,
  }
  const losesPower = rng.next() < 0.3
  const disk: DiskFaults = {
    ...SOUND,
    lostSyncs: losesPower ? maybe(rng, 0.3, rng.next) : 0,
    errors: maybe(rng, 0.2, () => 0.2 * rng.next()),
    short: maybe(rng, 0.3, () => 0.5),
    room: rng.next() < 0.1 ? 6000 + rng.below(40_000) : SOUND.room,
  }
  const drift = maybe(rng, 0.2, () => (rng.next() - 0.5) * 0.01)
  const clockSetBy = maybe(rng, 0.2, () => Math.round(rng.normal() * 3_600_000))
  const { failing, hanging, slow, twisted, liar, wrongQuotes } = weather
  const { forgets, reclaims, strangers, donors, vets, lists } = weather
  const name = JSON.stringify({
    failing,
    hanging,
    slow,
    twisted,
    liar,
    spoil: spoil?.name,
    wrongQuotes,
    forgets,
    reclaims,
    strangers,
    donors,
    vets,
    lists,
    ...disk,
    losesPower,
    drift,
    clockSetBy,
  })
  return { name, weather, disk, drift, losesPower, clockSetBy }
}

/** Some of the swaps, or all, are spoilt in one way. */
function spoilOf(rng: Rng): { name: string; spoil: Weather['spoil'] } {
  const [name, way] = SPOILS[rng.below(SPOILS.length)]!
  const share = rng.next() < 0.5 ? 1 : rng.next()
  return {
    name,
    spoil: (steps, token) => (rng.next() < share ? way(steps, token) : steps),
  }
}
const SPOILS = Object.entries(HOSTILE_STEPS)

function twistOf(rng: Rng): Twist {
  const kind = rng.below(4)
  if (kind === 3) return { ...HONEST, ahead: 10_000 + rng.below(1_000_000) }
  if (kind === 0) return { ...HONEST, lag: rng.below(400) }
  if (kind === 1) return { ...HONEST, drops: true }
  return { ...HONEST, delay: rng.below(160) }
}
