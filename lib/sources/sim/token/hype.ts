import type { Rng } from '../../../base/rng.ts'
import type { Nature, Wave } from './nature.ts'
import { HYPE, INSIDERS } from './params.ts'

/**
 * What the crowd thinks a token is worth (as log multiple of the first price) and how busy it is.
 * Prices themselves come only from trades: the crowd leans to the side that closes the gap.
 */
export function makeHype(nature: Nature, rng: Rng) {
  let opinion = HYPE.noiseSd * rng.normal()
  let opinionAt = 0
  let ruin: { at: number; from: number; to: number } | undefined
  let end = nature.life

  /** Without the wandering: informed wallets know it. */
  function plan(age: number): number {
    if (ruin !== undefined)
      return (
        ruin.to + (ruin.from - ruin.to) * Math.exp(-(age - ruin.at) / INSIDERS.aftermath.panicMs)
      )
    const base =
      age < nature.rise
        ? nature.peak * (age / nature.rise) ** 0.8
        : afterPeak(nature, age - nature.rise)
    return nature.waves.reduce((sum, wave) => sum + lift(wave, age), base)
  }

  function pace(age: number): number {
    if (age > end) return 0
    const lull = nature.lull / 60
    if (ruin !== undefined) {
      const panic = Math.exp(-(age - ruin.at) / INSIDERS.aftermath.panicMs)
      return INSIDERS.aftermath.panic * panic + 0.6 * lull
    }
    const { rise, hold, fade } = nature
    const held = age > rise && age - rise < hold ? HYPE.hold.pace : 0
    const busy =
      age < rise
        ? 0.35 + (0.65 * age) / rise
        : held + Math.exp(-Math.max(0, age - rise) / (HYPE.paceFade * fade))
    const waves = nature.waves.reduce((sum, wave) => sum + bustle(wave, age), 0)
    return nature.pace * (busy + 0.3 * waves) + lull
  }

  return {
    plan,
    /** Trades a minute. */
    pace,
    /** Plan plus wandering; ages must not go back. */
    target(age: number): number {
      const keep = Math.exp(-(age - opinionAt) / HYPE.noiseMs)
      opinion = opinion * keep + HYPE.noiseSd * Math.sqrt(1 - keep * keep) * rng.normal()
      opinionAt = age
      return plan(age) + opinion
    },
    /** The crowd has seen a rug: from the log multiple it is at, it wants out. */
    ruin(age: number, level: number): void {
      const { fall, life } = INSIDERS.aftermath
      ruin = {
        at: age,
        from: level,
        to: Math.max(nature.lowest, Math.min(level - fall, nature.floor)),
      }
      end = Math.min(end, age + life * nature.life)
    },
    isRuined: () => ruin !== undefined,
  }
}
export type Hype = ReturnType<typeof makeHype>

/** Falls to the level that it holds (if it does), and from there to the floor. */
function afterPeak({ peak, hold, fade, floor }: Nature, age: number): number {
  if (hold === 0) return floor + (peak - floor) * Math.exp(-age / fade)
  const level = peak - HYPE.hold.below * (1 - Math.exp(-age / HYPE.hold.fallMs))
  return age < hold ? level : floor + (level - floor) * Math.exp(-(age - hold) / fade)
}

/** Log multiple that a wave adds. */
function lift(wave: Wave, age: number): number {
  const { at, build, rise, fade, size } = wave
  const t = age - at
  if (t <= 0) return 0
  if (t < build) return size * HYPE.wave.build * (t / build)
  if (t < build + rise)
    return size * (HYPE.wave.build + (1 - HYPE.wave.build) * ((t - build) / rise))
  return size * Math.exp(-(t - build - rise) / fade)
}

/** Pace that a wave adds, as a share of the pace at the peak. */
function bustle(wave: Wave, age: number): number {
  const { at, build, rise, fade } = wave
  const t = age - at
  return t <= 0 ? 0 : t < build ? 0.25 : t < build + rise ? 1 : Math.exp(-(t - build - rise) / fade)
}
