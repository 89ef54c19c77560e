import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureText, figures, runDays, seedsFrom, unmet } from './days/run-days.ts'

const DAYS = 1000
test(`${DAYS} days of trading, with everything that can go wrong, and nothing that must not`, {
  timeout: 600_000,
}, async t => {
  const ran = await runDays(seedsFrom(0, DAYS), 2)
  t.diagnostic(figures(ran))
  const missed = unmet(ran)
  for (const site of missed) t.diagnostic(`not died at ${site}`)
  assert.equal(missed.length, 0, 'every await is died at')
  assert.equal(ran.failures.length, 0, ran.failures.map(failureText).join('\n'))
  const { decisions, positions, swaps } = ran.totals
  assert.ok(decisions >= 10 * DAYS, `${decisions} decisions`)
  assert.ok(positions >= 2.5 * DAYS, `${positions} positions`)
  assert.ok(swaps >= 5 * DAYS, `${swaps} swaps`)
  const spared = [...ran.came.keys()].filter(site => !ran.diedAt.has(site))
  for (const site of spared) t.diagnostic(`came to and not died at: ${ran.sites[site]}`)
  assert.equal(spared.length, 0, 'an await that is come to is died at')
})
