import type { Rng } from '../../../base/rng.ts'
import { between, logitShare, lognormal, pick } from './distributions.ts'
import { HYPE, INSIDERS, LAUNCH } from './params.ts'

type Intent = 'organic' | 'bleed' | 'dump' | 'pull'

/** A coordinated pump: quiet accumulation, rise, fall; times in ms since creation. */
export interface Wave {
  at: number
  build: number
  rise: number
  fade: number
  /** Log height. */
  size: number
}

/** What is decided at a token's birth and hidden from everybody. Times in ms since creation. */
export interface Nature {
  venue: 'curve' | 'pool'
  intent: Intent
  /**
   * First peak: time, log multiple, how long it holds a level after it, time constant of the fall,
   * final log multiple.
   */
  rise: number
  peak: number
  hold: number
  fade: number
  floor: number
  /** Log multiple below which the tokens outside of the pool cannot push the price. */
  lowest: number
  /** Trades a minute at the peak, trades an hour at the end, last trade. */
  pace: number
  lull: number
  life: number
  waves: Wave[]
  insiders: number
  /**
   * Share of supply of insiders in a launch on a curve; of all tokens outside of the pool
   * otherwise.
   */
  insiderShare: number
  washShare: number
  ruinAt?: number
  /** Insiders sell a little (true before a rug, false alarm otherwise). */
  warn?: { from: number; until: number }
  /** Share of supply and lamports of a small pool. */
  poolShare: number
  poolLamports: bigint
  facts: {
    mintRevoked: boolean
    freezeRevoked: boolean
    lpBurnedShare: number
    hasSocials: boolean
    deployer: boolean
  }
}

/**
 * Draws a token's hidden nature. Rugs differ from the others only by shifted, overlapping
 * distributions. After a change of regime (`isTurned`) more launches are rugs, and they look as the
 * others did, and the others as they did.
 */
export function makeNature(rng: Rng, isTurned = false): Nature {
  const venue = rng.next() < LAUNCH.curveShare ? 'curve' : 'pool'
  const { curveIntent, poolIntent } = isTurned ? LAUNCH.turned : LAUNCH
  const intent = pick(rng, venue === 'curve' ? curveIntent : poolIntent)
  const isRug = intent === 'dump' || intent === 'pull'
  const looksRug = isRug !== isTurned
  const poolShare = between(rng, LAUNCH.poolShare)
  const lowest =
    venue === 'curve' ? HYPE.lowest.curve : 2 * Math.log(poolShare) + HYPE.lowest.abovePool
  const path = drawPath(rng, venue, intent, lowest)
  const nature: Nature = {
    venue,
    intent,
    ...path,
    lowest,
    poolShare,
    insiders: Math.floor(between(rng, INSIDERS.wallets)),
    insiderShare: logitShare(rng, INSIDERS.bundle, looksRug) * (venue === 'curve' ? 1 : 4),
    washShare: logitShare(rng, INSIDERS.wash, looksRug),
    poolLamports: BigInt(Math.round(lognormal(rng, LAUNCH.poolSol) * 1e9)),
    facts: drawFacts(rng, venue, intent, looksRug),
  }
  nature.insiderShare = Math.min(nature.insiderShare, venue === 'curve' ? 0.35 : 0.8)
  const { median, spread, leastMs } = INSIDERS.ruin
  const ruinAt = Math.max(leastMs, nature.rise * lognormal(rng, { median, spread }))
  if (isRug) nature.ruinAt = ruinAt
  if (rng.next() < (looksRug ? INSIDERS.warning.rug : INSIDERS.warning.honest))
    nature.warn = { from: ruinAt * (1 - INSIDERS.warning.length * rng.next()), until: ruinAt }
  return nature
}

function drawPath(rng: Rng, venue: Nature['venue'], intent: Intent, lowest: number) {
  const curve = venue === 'curve'
  const rise = lognormal(rng, HYPE.rise) * (curve ? HYPE.curveRise : 1)
  const floor = curve ? HYPE.curveFloor : HYPE.poolFloor
  const slowness = (HYPE.rise.median / rise) ** HYPE.paceBySlowness
  const hold =
    intent === 'organic' && rng.next() < HYPE.hold.chance ? lognormal(rng, HYPE.hold.ms) : 0
  const life = rise * 2 + hold + lognormal(rng, HYPE.life)
  return {
    rise,
    hold,
    life,
    peak: Math.log(Math.max(1.2, lognormal(rng, curve ? HYPE.curvePeak : HYPE.poolPeak))),
    fade: lognormal(rng, HYPE.fade[intent]),
    floor: Math.max(lowest, floor.mean + floor.sd * rng.normal()),
    pace: Math.min(60, lognormal(rng, HYPE.pace) * slowness),
    lull: lognormal(rng, HYPE.lull),
    waves: drawWaves(rng.fork('waves'), life),
  }
}

function drawWaves(rng: Rng, life: number): Wave[] {
  const waves: Wave[] = []
  const { everyMs, size, buildMs, riseMs, fadeMs } = HYPE.wave
  for (
    let at = rng.exponential(everyMs);
    at < life && waves.length < 40;
    at += rng.exponential(everyMs)
  )
    waves.push({
      at,
      size: between(rng, size),
      build: between(rng, buildMs),
      rise: between(rng, riseMs),
      fade: between(rng, fadeMs),
    })
  return waves
}

/**
 * Liquidity can be pulled only where it is not burned; honest creators are often careless, rugs
 * often tidy.
 */
function drawFacts(
  rng: Rng,
  venue: Nature['venue'],
  intent: Intent,
  isRug: boolean,
): Nature['facts'] {
  const burned =
    intent === 'pull'
      ? rng.next() < 0.3
        ? 0.05 * rng.next()
        : 0
      : rng.next() < (isRug ? 0.4 : 0.65)
        ? 1
        : 0
  const curve = venue === 'curve'
  return {
    mintRevoked: curve || rng.next() < (isRug ? 0.82 : 0.93),
    freezeRevoked: curve || rng.next() < (isRug ? 0.85 : 0.95),
    lpBurnedShare: Math.round((curve ? 1 : burned) * 1e4) / 1e4,
    hasSocials: rng.next() < (isRug ? 0.45 : 0.7),
    deployer: rng.next() < (isRug ? 0.45 : 0.15),
  }
}
