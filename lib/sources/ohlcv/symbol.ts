import { DataError, show } from '../../base/errors.ts'
import type { Currency } from './formats/price-table.ts'
import { pairOf } from './pair.ts'

export interface Instrument {
  mint: string
  /** What its prices are in; absent when nobody said. */
  currency: Currency | undefined
}

/** A base58 address, whose last letters mean nothing. */
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/

/**
 * Names of instruments as files write them → mint and currency. A pair has one mint however it is
 * spelled: `BTC/USDT`, `btc-usdt` and `BTCUSDT` are BTCUSDT. Of any other name a mint keeps
 * `[A-Za-z0-9._-]`, the rest becomes `_`. Prices are in what a pair is quoted in, dollars or SOL,
 * else in `currency`. Two names of different instruments that would become one mint are a
 * DataError: their bars must not be mixed.
 */
export function makeInstruments(
  currency: Currency | undefined,
): (name: string, told?: Currency) => Instrument {
  const known = new Map<string, Instrument>()
  const owners = new Map<string, Owner>()
  return (name, told) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const pair = pairOf(name.trim())
    const said = pair?.symbol ?? name.trim()
    const mint = said.replace(/[^A-Za-z0-9._-]/g, '_')
    if (mint === '' || mint.length > 64)
      throw new DataError(`expected 1 to 64 characters, got ${show(name)}`)
    const quote = pair?.currency ?? quoteOf(mint)
    // A pair in SOL and a token whose name ends in SOL may look alike without their separator.
    const owner = owners.get(mint) ?? { name, said, quote }
    if (owner.said !== said || owner.quote !== quote)
      throw new DataError(`${show(name)} and ${show(owner.name)} would both become ${mint}`)
    owners.set(mint, owner)
    const made = { mint, currency: quote ?? currency ?? told }
    known.set(name, made)
    return made
  }
}

interface Owner {
  name: string
  /** The instrument that the name means. */
  said: string
  quote: Currency | undefined
}

/** Any other name that ends in dollars says so, but for an address. */
const quoteOf = (mint: string): Currency | undefined =>
  !ADDRESS.test(mint) && /USD[TC]?$/i.test(mint) ? 'usd' : undefined
