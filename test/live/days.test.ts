import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureText, figures, runDays, seedsFrom, unmet } from './days/run-days.ts'

const DAYS = 1000
/** How many awaits of a file no such day can come to, and why. */
const OUT_OF_REACH: Readonly<Record<string, [count: number, why: string]>> = {
  'lib/trade/live/send/build-swap.ts': [1, 'an exchange that hands whole transactions over'],
  'lib/trade/live/send/reclaim.ts': [3, 'a dry run, which signs nothing'],
}

test(`${DAYS} days of trading, with everything that can go wrong, and nothing that must not`, {
  timeout: 600_000,
}, async t => {
  const ran = await runDays(seedsFrom(0, DAYS), 2)
  t.diagnostic(figures(ran))
  const missed = unmet(ran)
  for (const site of missed) t.diagnostic(`not died at ${site}`)
  const files = missed.map(site => site.replace(/:.*/, ''))
  for (const file of new Set(files)) {
    const [most = 0] = OUT_OF_REACH[file] ?? []
    const count = files.filter(each => each === file).length
    assert.ok(count <= most, `${file}: ${count} awaits were never died at`)
  }
  assert.equal(ran.failures.length, 0, ran.failures.map(failureText).join('\n'))
  const { decisions, positions, swaps } = ran.totals
  assert.ok(decisions >= 10 * DAYS, `${decisions} decisions`)
  assert.ok(positions >= 2.5 * DAYS, `${positions} positions`)
  assert.ok(swaps >= 5 * DAYS, `${swaps} swaps`)
  const spared = [...ran.came.keys()].filter(site => !ran.diedAt.has(site))
  for (const site of spared) t.diagnostic(`came to and not died at: ${ran.sites[site]}`)
  assert.equal(spared.length, 0, 'an await that is come to is died at')
})
