import type { Crowd } from './token/crowd.ts'
import { between, lognormal, sigmoid } from './token/distributions.ts'
import { CROWD, HYPE } from './token/params.ts'
import { levelOf, type SimToken } from './token/sim-token.ts'
import type { Trading } from './trading.ts'

/**
 * One trade of the crowd, whales among it: towards its opinion of the price, and after the recent
 * flow.
 */
export function tradeOrganically(
  token: SimToken,
  now: number,
  crowd: Crowd,
  trading: Trading,
): void {
  const rng = token.rng.crowd
  const age = now - token.bornAt
  const gap = token.hype.target(age) - levelOf(token)
  const isBuy = rng.next() < sigmoid(CROWD.lean * gap + CROWD.herd * token.flow)
  const towards = isBuy === gap > 0
  const share = sizeOf(token, towards ? Math.min(1.5, Math.abs(gap)) : 0)
  if (isBuy) {
    const rising = token.hype.plan(age + 300_000) - token.hype.plan(age) > 0.1
    const holder = rng.next() < CROWD.loyal ? token.purse.any(rng) : undefined
    const wallet =
      holder !== undefined && !token.insiders.includes(holder)
        ? holder
        : crowd.wallet(rng, rising ? 0.2 : 0.02)
    trading.buy(token, now, wallet, scale(token.pool.quote, share))
  } else sellSome(token, now, share, trading)
}

function sizeOf(token: SimToken, gap: number): number {
  const rng = token.rng.crowd
  if (rng.next() < CROWD.whale.chance) return between(rng, CROWD.whale)
  return Math.min(CROWD.size.cap, lognormal(rng, CROWD.size) * (1 + CROWD.eager * gap))
}

/** Small bags are often sold whole. Insiders keep theirs: they have a plan. */
function sellSome(token: SimToken, now: number, share: number, trading: Trading): void {
  const rng = token.rng.crowd
  for (let tries = 0; tries < 4; tries++) {
    const wallet = token.purse.any(rng)
    if (wallet === undefined) return
    if (
      token.insiders.includes(wallet) &&
      token.nature.ruinAt !== undefined &&
      !token.hype.isRuined()
    )
      continue
    const held = token.purse.held(wallet)
    const wanted = scale(token.pool.base, share)
    const whole = held < 3n * wanted && rng.next() < 0.6
    trading.sell(token, now, wallet, whole ? held : wanted)
    return
  }
}

const scale = (amount: bigint, share: number): bigint =>
  (amount * BigInt(Math.round(share * 1e9))) / 1_000_000_000n

/**
 * Time until the crowd's next trade in ms; the caller looks again after `cap` ms, for the pace
 * changes.
 */
export function waitOrganically(
  token: SimToken,
  age: number,
  heat: number,
  cap: number,
): { wait: number; isTrade: boolean } {
  const above = age < token.nature.life && levelOf(token) - token.hype.plan(age) > HYPE.exit.above
  const rate = ((token.hype.pace(age) + (above ? HYPE.exit.pace : 0)) * heat) / 60_000
  const wait = rate > 0 ? token.rng.crowd.exponential(1 / rate) : Number.POSITIVE_INFINITY
  return wait < cap ? { wait, isTrade: true } : { wait: cap, isTrade: false }
}
