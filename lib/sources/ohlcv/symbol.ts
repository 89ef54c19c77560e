import { DataError, show } from '../../base/errors.ts'
import { pairOf } from './pair.ts'

export type Currency = 'sol' | 'usd'
export interface Instrument {
  mint: string
  /** What its prices are in; absent when nobody said. */
  currency: Currency | undefined
}

/** A base58 address, whose last letters mean nothing. */
const ADDRESS = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/

/**
 * Names of instruments as files write them → mint and currency. A mint keeps `[A-Za-z0-9._-]`,
 * anything else becomes `_`. Prices are in what a pair is quoted in, dollars or SOL, else in
 * `currency`. Two names that would become one mint are a DataError: their bars must not be mixed.
 */
export function makeInstruments(currency: Currency | undefined): (name: string) => Instrument {
  const known = new Map<string, Instrument>()
  const owners = new Map<string, string>()
  return name => {
    const found = known.get(name)
    if (found !== undefined) return found
    const mint = name.trim().replace(/[^A-Za-z0-9._-]/g, '_')
    if (mint === '' || mint.length > 64)
      throw new DataError(`expected 1 to 64 characters, got ${show(name)}`)
    const owner = owners.get(mint) ?? name
    if (owner !== name)
      throw new DataError(`${show(name)} and ${show(owner)} would both become ${mint}`)
    owners.set(mint, name)
    const made = { mint, currency: quoteOf(name.trim(), mint) ?? currency }
    known.set(name, made)
    return made
  }
}

/** What a name says its prices are in; any name that ends in dollars says so. */
function quoteOf(name: string, mint: string): Currency | undefined {
  if (ADDRESS.test(mint)) return undefined
  return pairOf(name)?.currency ?? (/USD[TC]?$/i.test(mint) ? 'usd' : undefined)
}
