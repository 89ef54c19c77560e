import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeHome, sh, sluice } from '../kit/proc.ts'

/** Powers of two at which 64-bit numbers end, and the most digits that an amount may have. */
const AMOUNTS = [2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, 10n ** 38n - 1n].map(String)

const marketLine = (n: number, amount: string): string =>
  JSON.stringify({
    v: 1,
    id: `m:${n}`,
    ts: 1_763_685_000_000 + n,
    kind: 'market',
    mint: 'm1',
    pool: 'p',
    source: 't',
    market: { dex: 'x', priceSol: 1e-7, baseAmount: amount, quoteAmount: amount },
  })

test('amounts beyond 64 bits leave the steps, and the database, as they came in', async t => {
  const home = makeHome(t)
  const input = AMOUNTS.map((amount, n) => `${marketLine(n, amount)}\n`).join('')
  const steps = 'features --sets pool | strategy | gate --without confidence'
  const passed = await sluice(['run', steps], { home, input })
  assert.equal(passed.code, 0, passed.stderr)
  const found = passed.stdout
    .split('\n')
    .filter(line => line.includes('"kind":"market"'))
    .map(line => (JSON.parse(line) as { market: { baseAmount: string } }).market.baseAmount)
  assert.deepEqual(found, AMOUNTS)
  const stored = await sh(
    'journal events --min-free 1MB --quiet > /dev/null && sluice sync > /dev/null && ' +
      "sluice query 'select base_amount::varchar a from markets order by ts'",
    { home, input },
  )
  assert.equal(
    stored.stdout,
    AMOUNTS.map(a => `${JSON.stringify({ a })}\n`).join(''),
    stored.stderr,
  )
})

test('decimals that no token has are data at fault, in every step that reads tokens', async t => {
  const home = makeHome(t)
  const token = (decimals: number): string =>
    `{"v":1,"id":"t:1","ts":1763685000000,"kind":"token","mint":"m1","source":"t","token":` +
    `{"decimals":${decimals},"symbol":"<script>alert(1)</script>"}}\n`
  for (const step of ['features', 'gate', 'execute']) {
    for (const [decimals, code] of [
      [0, 0],
      [255, 3],
      [-1, 3],
    ] as const) {
      const done = await sluice(step.split(' '), { home, input: token(decimals) })
      assert.equal(done.code, code, `${step} ${decimals}: ${done.stderr}`)
      if (code === 3) assert.match(done.stderr, /line 1: token\.decimals: /, step)
    }
  }
})

test('caps of nothing buy nothing, caps below nothing are refused', async t => {
  const home = makeHome(t)
  const market = await sluice(['discover', '--source', 'sim', '--days', '0.05', '--quiet'], {
    home,
  })
  const decide = 'features --sets pool | strategy | gate --without confidence --min-combined 0'
  for (const flag of ['--cash', '--max-positions']) {
    const none = await sluice(['run', `${decide} | execute ${flag} 0`], {
      home,
      input: market.stdout,
    })
    assert.equal(none.code, 0, none.stderr)
    assert.doesNotMatch(none.stdout, /"fill":/, flag)
    const below = await sluice(['execute', `${flag}=-1`], { home })
    assert.equal(below.code, 2, below.stderr)
    assert.match(below.stderr, new RegExp(`^execute: ${flag}: expected [^\\n]*\\n$`))
  }
})
