import { between } from './token/distributions.ts'
import { CHAIN, INSIDERS } from './token/params.ts'
import { SUPPLY, withdraw } from './token/sim-pool.ts'
import { levelOf, type SimToken } from './token/sim-token.ts'
import type { Trading } from './trading.ts'

/** On a curve they buy their share in the first slot, as one bundle. */
function launch(trading: Trading, token: SimToken, now: number): void {
  if (token.nature.venue !== 'curve') return
  const each = part(SUPPLY, token.nature.insiderShare / token.insiders.length)
  for (const wallet of token.insiders) {
    const { base, quote, feeBps } = token.pool
    const net = (quote * each) / (base - each)
    trading.buy(token, now, wallet, (net * 10_000n) / BigInt(10_000 - feeBps))
  }
}

/**
 * One of them sells, another buys for the same money: volume without a market. False when they have
 * nothing.
 */
function wash(trading: Trading, token: SimToken, now: number): boolean {
  const rng = token.rng.insiders
  const { insiders, pool, purse } = token
  const seller = insiders[rng.below(insiders.length)]!
  const tokens = part(pool.base, 0.001 + 0.004 * rng.next())
  if (purse.held(seller) < tokens || tokens === 0n) return false
  const before = pool.quote
  trading.sell(token, now, seller, tokens)
  trading.buy(token, now, insiders[rng.below(insiders.length)]!, before - pool.quote)
  return true
}

/** Their own next step. Sets when they act again. */
function act(trading: Trading, token: SimToken, now: number): void {
  const age = now - token.bornAt
  if (token.dumpSlots > 0) dump(trading, token, now)
  else if (token.ruinAt !== undefined && age >= token.ruinAt) ruin(trading, token, now)
  else if (token.nature.warn !== undefined && age < token.nature.warn.until)
    trickle(trading, token, now)
  else
    token.nextInsiderAt =
      token.ruinAt === undefined ? Number.POSITIVE_INFINITY : token.bornAt + token.ruinAt
}

function ruin(trading: Trading, token: SimToken, now: number): void {
  const rng = token.rng.insiders
  const age = now - token.bornAt
  const level = levelOf(token)
  if (level < INSIDERS.worth[token.nature.venue]) {
    token.ruinAt = age + rng.exponential(INSIDERS.worth.againMs)
    token.nextInsiderAt = token.bornAt + token.ruinAt
    return
  }
  token.ruinAt = undefined
  token.hype.ruin(age, level)
  if (token.nature.intent === 'pull') {
    token.purse.add(token.creator, withdraw(token.pool, between(rng, INSIDERS.pull)))
    token.isDirty = true
    token.nextInsiderAt = Number.POSITIVE_INFINITY
  } else {
    token.dumpSlots = Math.round(between(rng, INSIDERS.dumpSlots))
    dump(trading, token, now)
  }
}

function dump(trading: Trading, token: SimToken, now: number): void {
  for (const wallet of token.insiders)
    trading.sell(token, now, wallet, token.purse.held(wallet) / BigInt(token.dumpSlots))
  token.dumpSlots--
  const pause = CHAIN.slotMs * (1 + token.rng.insiders.below(3))
  token.nextInsiderAt = token.dumpSlots > 0 ? now + pause : Number.POSITIVE_INFINITY
}

function trickle(trading: Trading, token: SimToken, now: number): void {
  const rng = token.rng.insiders
  const share = between(rng, INSIDERS.trickle)
  if (token.nature.intent === 'pull' && rng.next() < 0.5) {
    token.purse.add(token.creator, withdraw(token.pool, share))
    token.isDirty = true
  } else {
    const wallet = token.insiders[rng.below(token.insiders.length)]!
    trading.sell(token, now, wallet, part(token.purse.held(wallet), share))
  }
  const again = now + rng.exponential(INSIDERS.trickle.everyMs)
  const until = token.bornAt + (token.ruinAt ?? Number.POSITIVE_INFINITY)
  token.nextInsiderAt = Math.min(again, Math.max(now, until))
}

/**
 * The creator and the wallets funded with him: launch bundle, wash trades, small sales, dump, pull
 * of liquidity.
 */
export const makeInsiders = (trading: Trading) => ({
  launch: (token: SimToken, now: number): void => launch(trading, token, now),
  wash: (token: SimToken, now: number): boolean => wash(trading, token, now),
  act: (token: SimToken, now: number): void => act(trading, token, now),
})
export type Insiders = ReturnType<typeof makeInsiders>

const part = (amount: bigint, share: number): bigint =>
  (amount * BigInt(Math.round(share * 1e9))) / 1_000_000_000n
