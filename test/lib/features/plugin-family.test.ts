import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { configOf, loadState, saveState } from '../../../lib/features/features-checkpoint.ts'
import { makeFeatures } from '../../../lib/features/features-step.ts'
import type { FeatureFamily, MarketState } from '../../../lib/features/kit/family.ts'
import { featureSet } from '../../../lib/features/kit/feature-set.ts'
import { FAMILIES, setsOf } from '../../../lib/features/sets.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { market, optionsOf, T0, toLine } from './lines.ts'

interface Lines extends MarketState {
  lines(): number
}

const seen = featureSet({
  name: 'seen',
  kinds: ['market'],
  scope: 'market',
  isDefault: false,
  rows: `
own@1 | count | 1 market | market
  market lines of the token
all@1 | count | 1 market | market
  lines of all tokens before this one`,
})

/** As a stranger would write it: a set of two counts, one of the token, one of all tokens. */
const counting: FeatureFamily = {
  sets: [seen],
  make: (_options, { market: all }) => {
    let own = 0
    return {
      see: (rec, entries) => {
        if (rec.kind !== 'market') return
        own++
        const values = { own, all: (all as Lines).lines() }
        entries.seen = { hash: seen.hash, ready: true, values }
      },
      visit: tape => {
        own = tape.number(own)
      },
    }
  },
  market: {
    key: ' seen',
    make: (): Lines => {
      let lines = 0
      return {
        see: () => void lines++,
        lines: () => lines,
        visit: tape => {
          lines = tape.number(lines)
        },
      }
    },
  },
}
const families = [...FAMILIES, counting]
const recs = Array.from({ length: 6 }, (_, i) =>
  market(T0 + i * 1000, { priceSol: 1 + i }, i % 3 === 0 ? 'DOG' : 'CAT'),
)
const valuesOf = (raws: readonly string[]): unknown[] =>
  raws.map(raw => (JSON.parse(raw) as Rec).features?.seen?.values)

test('a family from elsewhere is computed beside ours, and listed behind them', () => {
  const step = makeFeatures({ ...optionsOf(['pool', 'seen']) }, families)
  const out: string[] = []
  for (const rec of recs) step.line(toLine(rec), line => out.push(line.raw))
  assert.deepEqual(valuesOf(out), [
    { own: 1, all: 0 },
    { own: 1, all: 1 },
    { own: 2, all: 2 },
    { own: 2, all: 3 },
    { own: 3, all: 4 },
    { own: 4, all: 5 },
  ])
  assert.deepEqual(Object.keys((JSON.parse(out[0]!) as Rec).features ?? {}), ['pool', 'seen'])
  assert.equal(setsOf(families).at(-1)?.name, 'seen')
})

test('its states are saved and go on, and its hash is part of what must be the same', t => {
  const options = optionsOf(['seen'])
  const config = configOf({ ...options, smartWallets: undefined }, families)
  assert.ok(config.includes(`seen:${seen.hash}`), config)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-family-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const first = makeFeatures(options, families)
  for (const rec of recs.slice(0, 3)) first.line(toLine(rec), () => {})
  const time = makeEventTime(3_600_000).save()
  saveState(folder, first, config, { lastId: recs[2]!.id, time })
  const second = makeFeatures(options, families)
  assert.equal(loadState(folder, second, config)?.lastId, recs[2]!.id)
  const out: string[] = []
  for (const rec of recs.slice(3)) second.line(toLine(rec), line => out.push(line.raw))
  assert.deepEqual(valuesOf(out)[2], { own: 4, all: 5 })
})
