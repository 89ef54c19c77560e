import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAMS } from '../../../../lib/sources/decode/programs.ts'
import { dexName } from '../../../../lib/sources/providers/dex-names.ts'
import { readPairs } from '../../../../lib/sources/providers/dexscreener.ts'
import type { Finding } from '../../../../lib/sources/providers/finding.ts'
import { readPools } from '../../../../lib/sources/providers/geckoterminal.ts'
import { readTokens } from '../../../../lib/sources/providers/jupiter.ts'
import { readQuote } from '../../../../lib/sources/providers/jupiter-quote.ts'
import { PROVIDERS } from '../../../../lib/sources/providers/providers.ts'
import { readPumpPortal } from '../../../../lib/sources/providers/pumpportal.ts'
import { readRaydium } from '../../../../lib/sources/providers/raydium.ts'
import * as given from './bodies.ts'

const AT = 1_760_100_000_000
const SILENT = { dropped: () => undefined, rejected: () => undefined }

/**
 * The words of each provider for the exchanges that we decode, after the bodies of its API and its
 * public clients (docs of DexScreener `dexId` and `labels`, GeckoTerminal `/networks/solana/dexes`,
 * Jupiter `/program-id-to-label` and `launchpad`, PumpPortal `pool`); Raydium tells programs.
 */
const WORDS: Record<string, readonly (readonly [word: string, type: string[], dex: string])[]> = {
  dexscreener: [
    ['pumpfun', [], 'pump.fun'],
    ['pumpswap', [], 'pumpswap'],
    ['raydium', [], 'raydium-amm'],
    ['raydium', ['CPMM'], 'raydium-cpmm'],
    ['raydium', ['CLMM'], 'raydium-clmm'],
    ['launchlab', [], 'launchlab'],
    ['meteora', ['DLMM'], 'meteora-dlmm'],
    ['meteora', ['DYN2'], 'meteora-damm2'],
    ['meteoradbc', [], 'meteora-dbc'],
    ['orca', ['wp'], 'orca'],
  ],
  geckoterminal: [
    ['pump-fun', [], 'pump.fun'],
    ['pumpswap', [], 'pumpswap'],
    ['raydium', [], 'raydium-amm'],
    ['raydium-clmm', [], 'raydium-clmm'],
    ['raydium-cpmm', [], 'raydium-cpmm'],
    ['raydium-launchlab', [], 'launchlab'],
    ['meteora', [], 'meteora-dlmm'],
    ['meteora-damm-v2', [], 'meteora-damm2'],
    ['meteora-dbc', [], 'meteora-dbc'],
    ['orca', [], 'orca'],
  ],
  jupiter: [
    ['Pump.fun', [], 'pump.fun'],
    ['Pump.fun Amm', [], 'pumpswap'],
    ['Raydium', [], 'raydium-amm'],
    ['Raydium CP', [], 'raydium-cpmm'],
    ['Raydium CLMM', [], 'raydium-clmm'],
    ['Raydium Launchlab', [], 'launchlab'],
    ['Meteora DLMM', [], 'meteora-dlmm'],
    ['Meteora DAMM v2', [], 'meteora-damm2'],
    ['Dynamic Bonding Curve', [], 'meteora-dbc'],
    ['Whirlpool', [], 'orca'],
  ],
  pumpportal: [
    ['pump', [], 'pump.fun'],
    ['pump-amm', [], 'pumpswap'],
    ['bonk', [], 'launchlab'],
  ],
}

/** A body of the provider about one pool of an exchange, read by the reader of that provider. */
const READ: Record<string, (word: string, type: string[]) => (string | undefined)[]> = {
  dexscreener: (word, labels) =>
    dexes(readPairs([{ ...given.pair, dexId: word, labels }], AT, SILENT)),
  geckoterminal: word => {
    const body = structuredClone(given.geckoPool) as any
    body.relationships.dex.data.id = word
    return dexes(readPools({ data: [body] }, AT, SILENT))
  },
  jupiter: word => {
    const quote = structuredClone(given.quoteThere) as any
    for (const leg of quote.routePlan) leg.swapInfo.label = word
    return (readQuote(quote, SILENT)?.legs ?? []).map(({ dex }) => dex)
  },
  pumpportal: word => dexes(readPumpPortal({ ...given.pumpBuy, pool: word }, AT, SILENT)),
}
const dexes = (found: Finding[]): (string | undefined)[] =>
  found.map(({ market, trade }) => market?.dex ?? trade?.dex)

test('one pool has one name, whoever tells of it', () => {
  for (const [provider, words] of Object.entries(WORDS)) {
    for (const [word, type, dex] of words) {
      assert.ok(Object.hasOwn(PROGRAMS, dex), dex)
      const found = READ[provider]?.(word, type) ?? []
      assert.ok(found.length > 0, `${provider} says nothing of ${word}`)
      for (const each of found) assert.equal(each, dex, `${provider}: ${word} ${type}`)
    }
    // Each exchange that it can tell of is in the table.
    if (provider !== 'pumpportal')
      assert.deepEqual(words.map(([, , dex]) => dex).sort(), Object.keys(PROGRAMS).sort())
  }
})

test('every provider that tells of pools stands in the table', () => {
  const telling = PROVIDERS.filter(({ gives }) => gives.includes('market')).map(({ name }) => name)
  for (const name of telling) assert.ok(name === 'raydium' || Object.hasOwn(WORDS, name), name)
  const [pool] = readRaydium(given.raydiumPage, AT, SILENT)
  assert.ok(Object.hasOwn(PROGRAMS, pool?.market?.dex ?? ''))
})

test('launchpads have the names of their exchanges', () => {
  for (const [word, name] of [
    ['pump.fun', 'pump.fun'],
    ['letsbonk.fun', 'launchlab'],
    ['met-dbc', 'meteora-dbc'],
    ['moonshot', 'moonshot'],
  ]) {
    const [found] = readTokens([{ ...given.jupiterToken, launchpad: word }], AT, SILENT)
    assert.equal(found?.facts?.launchpad, name)
  }
})

test('a name that nobody knows is made plain; what is no name is none', () => {
  assert.equal(dexName('Some Dex_v2'), 'some-dex-v2')
  assert.equal(dexName('meteora'), 'meteora')
  assert.equal(dexName('meteora', ['x', 'DLMM']), 'meteora-dlmm')
  assert.equal(dexName('raydium', 'Odd'), 'raydium-amm')
  for (const wrong of [undefined, null, 5, '', '   ', 'x'.repeat(65), '???'])
    assert.equal(dexName(wrong), undefined)
  assert.equal(dexName('constructor', '__proto__', 'toString'), 'constructor-proto')
})
