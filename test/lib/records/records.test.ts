import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../lib/base/errors.ts'
import { explain, fits } from '../../../lib/records/check.ts'
import { PARTS } from '../../../lib/records/parts.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { parseLine } from '../../../lib/stream/parse.ts'
import { arbitraryPart } from '../../kit/arbitraries.ts'

const parts = Object.keys(PARTS) as (keyof typeof PARTS)[]

for (const part of parts) {
  test(`${part}: whatever fits can be printed, read and fits again`, () => {
    fc.assert(
      fc.property(arbitraryPart('envelope'), arbitraryPart(part), (envelope, value) => {
        assert.ok(fits(part, value), JSON.stringify(value))
        const rec = (
          part === 'envelope' ? value : { ...(envelope as object), [part]: value }
        ) as Rec
        const line = makeLine(rec)
        assert.deepEqual(parseLine(line.raw, 1).rec, JSON.parse(line.raw))
      }),
      { numRuns: 50 },
    )
  })
  test(`${part}: every field says what it is`, () => {
    const visit = (
      schema: { properties?: Record<string, never>; description?: string; sql?: string },
      path: string,
    ): void => {
      for (const [key, field] of Object.entries(schema.properties ?? {}) as [
        string,
        typeof schema,
      ][]) {
        assert.match(field.description ?? '', /^[a-z0-9+×σ’][^\n]*[^.]$/i, `${path}.${key}`)
        assert.match(
          field.sql ?? '',
          /^(HUGEINT|DOUBLE|BIGINT|INTEGER|BOOLEAN|VARCHAR|JSON)$/,
          `${path}.${key}`,
        )
        visit(field, `${path}.${key}`)
      }
    }
    visit(PARTS[part].schema as never, part)
  })
}

// One wrong value each, with the words a user reads.
const wrong: [keyof typeof PARTS, unknown, string][] = [
  ['market', { dex: 'x', quoteAmount: 12 }, 'market.quoteAmount: expected string, got 12'],
  [
    'market',
    { dex: 'x', quoteAmount: '1.5' },
    'market.quoteAmount: expected a whole number of base units as a string, got',
  ],
  [
    'market',
    { dex: 'x', quoteAmount: '-1' },
    'market.quoteAmount: expected a whole number of base units as a string, got',
  ],
  ['market', { dex: 'x', quoteAmount: '9'.repeat(39) }, 'market.quoteAmount:'],
  ['market', { dex: 'x', priceSol: null }, 'market.priceSol: expected number, got null'],
  ['market', { dex: 'x', volumeUsd: { h1: -1 } }, 'market.volumeUsd.h1: expected >= 0, got -1'],
  ['token', { name: 'a\u0000b' }, 'token.name: expected text without control characters, got'],
  ['token', { name: 'x'.repeat(201) }, 'token.name: expected'],
  ['token', { top10Share: 18.4 }, 'token.top10Share: expected <= 1, got 18.4'],
  [
    'envelope',
    { v: 1, id: 'a b', ts: 1, kind: 'tick', source: 'x' },
    'id: expected an id of 1 to 400',
  ],
  [
    'envelope',
    { v: 1, id: 'a', ts: 1763685000000000, kind: 'tick', source: 'x' },
    'ts: expected <= 9999999999999',
  ],
  [
    'envelope',
    { v: 1, id: 'a', ts: 1.5, kind: 'tick', source: 'x' },
    'ts: expected integer, got 1.5',
  ],
  [
    'envelope',
    { v: 1, id: 'a', ts: 1, kind: 'tick', source: 'x', mint: '../etc' },
    'mint: expected an address or symbol',
  ],
  ['features', { pool: { hash: 'h' } }, 'features.pool.ready: required, got nothing'],
  [
    'decision',
    { act: 'BUY', reasons: [] },
    'decision.act: expected one of buy, sell, hold, drop, got "BUY"',
  ],
]

for (const [part, value, message] of wrong) {
  test(`refused: ${message}`, () => {
    assert.equal(fits(part, value), false)
    assert.throws(
      () => explain(part, value),
      (error: unknown) => error instanceof DataError && error.toString().startsWith(message),
    )
  })
}

test('keys that name object internals are data like any other', () => {
  const line = parseLine(
    '{"v":1,"id":"a","ts":1,"kind":"tick","source":"x","__proto__":{"a":1},"constructor":2}',
    1,
  )
  assert.equal(({} as Record<string, unknown>).a, undefined)
  assert.equal(Object.hasOwn(line.rec, '__proto__'), true)
})
