import type { Rng } from '../../base/rng.ts'
import { WEATHER } from './token/params.ts'

/**
 * What all tokens share: SOL's price in dollars (log random walk) and the mood (log
 * Ornstein–Uhlenbeck), constant within steps of five minutes.
 */
export function makeWeather(rng: Rng, startAt: number) {
  const keep = 0.5 ** (1 / WEATHER.moodHalfLife)
  const shock = WEATHER.moodSd * Math.sqrt(1 - keep * keep)
  let steps = 0
  let solUsd = WEATHER.solUsd
  let mood = WEATHER.moodSd * rng.normal()
  return {
    /** Moves on to a time that is not before the last one. */
    advance(now: number): void {
      for (const until = Math.floor((now - startAt) / WEATHER.stepMs); steps < until; steps++) {
        mood = mood * keep + shock * rng.normal()
        solUsd =
          Math.round(solUsd * Math.exp(WEATHER.solStep * (rng.normal() + 0.1 * mood)) * 100) / 100
      }
    },
    /** Dollars per SOL. */
    solUsd: () => solUsd,
    /** Factor on the pace of trading. */
    heat: () => Math.exp(mood),
  }
}
export type Weather = ReturnType<typeof makeWeather>
