import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../lib/base/rng.ts'
import type { About, Bar, Indicator } from '../../../lib/indicators/indicator.ts'
import { reference } from './reference.ts'

const folder = new URL('../../../lib/indicators/', import.meta.url)
/** Building blocks of indicators, not indicators. */
const FRAME = ['indicator', 'window', 'total']
const names = readdirSync(folder)
  .map(file => file.replace(/\.ts$/, ''))
  .filter(name => !FRAME.includes(name))

/** A geometric random walk of bars. */
function walk(seed: string, count: number, price = 100, volume = 1000): Bar[] {
  const rng = makeRng(seed)
  let close = price
  return Array.from({ length: count }, () => {
    const open = close
    close *= Math.exp(0.03 * rng.normal())
    const high = Math.max(open, close) * (1 + 0.01 * rng.next())
    const low = Math.min(open, close) * (1 - 0.01 * rng.next())
    return { open, high, low, close, volume: volume * rng.exponential(1) }
  })
}

const flat = (price: number, volume = 5): Bar => ({
  open: price,
  high: price,
  low: price,
  close: price,
  volume,
})
/** Relative to what the value is made of: a difference of averages may itself be near 0. */
function assertNear(
  got: number | undefined,
  wanted: number | undefined,
  scale: number,
  what: string,
): void {
  if (got === undefined || wanted === undefined) assert.equal(got, wanted, what)
  else
    assert.ok(
      Math.abs(got - wanted) <= 1e-11 * scale + 1e-10 * Math.abs(wanted),
      `${what}: ${got} is not ${wanted}`,
    )
}

test('every indicator has a slow reference', () =>
  assert.deepEqual(Object.keys(reference).sort(), names.sort()))

for (const name of names) {
  const { about } = (await import(`../../../lib/indicators/${name}.ts`)) as { about: About }
  const feed = (bar: Bar): number | Bar => (about.input === 'bar' ? bar : bar.close)
  const slow = reference[name]!
  const run = (bars: Bar[], to: Indicator<unknown> = about.make()): Indicator<unknown> => {
    for (const bar of bars) to.update(feed(bar))
    return to
  }
  const scaleOf = (bars: Bar[]): number =>
    about.degree.price === 1
      ? Math.max(...bars.map(bar => bar.high))
      : about.degree.volume === 1
        ? bars.reduce((sum, bar) => sum + bar.volume, 0)
        : 100

  test(`${name}: the first value comes with bar ${about.make().warmup}, not sooner`, () => {
    const indicator = about.make()
    walk('warm', indicator.warmup).forEach((bar, i) => {
      assert.equal(indicator.value(), undefined, `bar ${i}`)
      indicator.update(feed(bar))
    })
    assert.equal(typeof indicator.value(), 'number')
  })

  test(`${name}: streaming equals the definition over the whole history`, () => {
    for (const seed of ['a', 'b', 'c']) {
      const bars = walk(seed, 130)
      const indicator = about.make()
      bars.forEach((bar, i) => {
        indicator.update(feed(bar))
        const seen = bars.slice(0, i + 1)
        assertNear(indicator.value(), slow(seen), scaleOf(seen), `${seed} bar ${i}`)
      })
    }
  })

  test(`${name}: scales with prices from 1e-12 to 1e12 and with volume`, () => {
    const plain = run(walk('scale', 90)).value()!
    for (const [price, volume] of [
      [1e-14, 1],
      [1e10, 1],
      [1, 1e12],
      [1, 1e-12],
    ] as const) {
      const scaled = run(walk('scale', 90, 100 * price, 1000 * volume)).value()!
      const factor = price ** about.degree.price * volume ** about.degree.volume
      assert.ok(
        Math.abs(scaled / factor - plain) <= 1e-9 * Math.abs(plain) + 1e-13,
        `${scaled} / ${factor} is not ${plain}`,
      )
    }
  })

  test(`${name}: a constant market gives the constant of the definition, at any price`, () => {
    for (const price of [1e-12, 0.1, 1e12]) {
      const bars = Array.from({ length: 60 }, () => flat(price))
      assertNear(run(bars).value(), slow(bars), price * 1e-3, `${price}`)
    }
  })

  test(`${name}: a rising and a falling market`, () => {
    for (const step of [1, -1]) {
      const bars = Array.from({ length: 90 }, (_, i) => {
        const close = 100 + step * i
        return { open: close, high: close + 0.5, low: close - 0.5, close, volume: 10 }
      })
      assertNear(run(bars).value(), slow(bars), scaleOf(bars), `step ${step}`)
    }
  })

  test(`${name}: a spike of 1e12 leaves no trace once the window has passed it`, () => {
    // remember by definition
    if (['ema', 'wilder', 'rsi', 'macd', 'atr', 'obv', 'vpt', 'ewma'].includes(name)) return
    const bars = [
      ...walk('before', 40, 1e-9),
      { open: 1e12, high: 1e12, low: 1, close: 1e12, volume: 1e12 },
      ...walk('after', 40, 1e-9),
    ]
    const tail = bars.slice(41)
    assertNear(run(bars).value(), slow(tail), scaleOf(tail), 'after the spike')
  })

  test(`${name}: revising the open bar equals having seen its last version only`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 75 }),
        fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 4 }),
        (at, versions) => {
          const bars = walk('revise', 80)
          const other = walk('other', 100)
          const indicator = about.make()
          bars.forEach((bar, i) => {
            const drafts = i === at || i === at + 1 ? versions.map(k => other[k]!) : []
            const [first, ...rest] = [...drafts, bar] as unknown as [Bar, ...Bar[]]
            indicator.update(feed(first))
            for (const draft of rest) indicator.revise(feed(draft))
            assert.deepEqual(indicator.value(), run(bars.slice(0, i + 1)).value())
          })
          assert.deepEqual(indicator.save(), run(bars).save())
        },
      ),
      { numRuns: 8 },
    )
  })

  test(`${name}: saved and restored at any bar equals never stopped`, () => {
    const bars = walk('save', 70)
    for (let at = 0; at <= 70; at += 1) {
      const before = run(bars.slice(0, at))
      const state = JSON.parse(JSON.stringify(before.save())) as number[]
      assert.equal(state.length, before.size)
      const after = about.make()
      after.restore(state)
      assert.deepEqual(run(bars.slice(at), after).save(), run(bars).save(), `cut at ${at}`)
      assert.equal(after.value(), run(bars).value())
    }
  })

  test(`${name}: absurd numbers give absence, never NaN or Infinity`, () => {
    const extremes = [0, 5e-324, 1e300, Number.MAX_VALUE]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...extremes), fc.constantFrom(...extremes)), {
          minLength: 40,
          maxLength: 60,
        }),
        pairs => {
          const indicator = about.make()
          for (const [price, volume] of pairs) {
            indicator.update(feed({ ...flat(price, volume), high: price * 2, low: price / 2 }))
            const value = indicator.value()
            assert.ok(
              value === undefined || (Number.isFinite(value) && !Object.is(value, -0)),
              `${value}`,
            )
          }
        },
      ),
      { numRuns: 20 },
    )
  })
}
