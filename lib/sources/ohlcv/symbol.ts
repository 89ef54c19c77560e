import { DataError, show } from '../../base/errors.ts'

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
 * anything else becomes `_`. Prices of …USD, …USDT and …USDC are in dollars, others in `currency`.
 * Two names that would become one mint are a DataError: their bars must not be mixed.
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
    const made = {
      mint,
      currency: !ADDRESS.test(mint) && /USD[TC]?$/i.test(mint) ? 'usd' : currency,
    }
    known.set(name, made as Instrument)
    return made as Instrument
  }
}

/** `data/BTCUSDT.csv.gz` → `BTCUSDT`: the instrument of a file without a symbol column. */
export function nameOfFile(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return file.replace(/(\.(csv|tsv|txt))?(\.(gz|zst))?$/i, '')
}
