import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Anchor,
  anchorOf,
  auc,
  logistic,
  OPTIONS,
  pathsOf,
  type Track,
  tracksOf,
} from './study.ts'

const DAY = 86_400_000
const DAYS = 2.5
const SEEDS = [21, 22, 23, 24]
const markets: Map<string, Track>[] = SEEDS.map(seed => tracksOf({ ...OPTIONS, seed, days: DAYS }))

/** Anchors half an hour after creation; the last day is only outcome. */
const anchors: Anchor[][] = markets.map(tracks =>
  [...tracks].flatMap(([mint, track]) => {
    const at = track.bornAt + 1_800_000
    const anchor = at < OPTIONS.startAt + (DAYS - 1) * DAY ? anchorOf(mint, track, at) : undefined
    return anchor === undefined ? [] : [anchor]
  }),
)

test('auc by ranks: worked example', () => {
  // Hanley & McNeil's count: pairs (positive, negative) won 3 of 4; with one tie 3.5 of 4.
  assert.equal(auc([1, 2, 3, 4], [false, true, false, true]), 0.75)
  assert.equal(auc([1, 3, 3, 4], [false, true, false, true]), 0.875)
})

test('paths are like the published ones', t => {
  const tracks = markets.flatMap(market => [...market.values()])
  const paths = pathsOf(tracks, OPTIONS.startAt + (DAYS - 0.5) * DAY)
  t.diagnostic(`${paths.tokens} tokens, born at least 12 hours before the end`)
  t.diagnostic(`peak over first price, median: ${paths.medianPeak.toFixed(1)} (published 11.1)`)
  t.diagnostic(
    `end below 10 % of the peak: ${(100 * paths.belowTenth).toFixed(0)} % (published 93 %)`,
  )
  t.diagnostic(
    `hours without a trade, first to last trade: ${(100 * paths.idleHours).toFixed(0)} % ` +
      '(published 30 %)',
  )
  t.diagnostic(
    `traded hours after a gap: ${(100 * paths.stepsWithGap).toFixed(0)} % (published 28–30 %)`,
  )
  t.diagnostic(
    `hours to the peak, 25/50/75/90 %: ${paths.peakHour.map(h => h.toFixed(1))} (published ` +
      '0/0/1/8, whole hours)',
  )
  assert.ok(paths.medianPeak > 8 && paths.medianPeak < 15)
  assert.ok(paths.belowTenth > 0.85 && paths.belowTenth < 0.98)
  assert.ok(paths.idleHours > 0.2 && paths.idleHours < 0.45)
})

/** AUC of each single value where it is known, the more telling direction, highest first. */
function singles(of: Anchor[], truth: (anchor: Anchor) => boolean): [name: string, auc: number][] {
  const names = [...new Set(of.flatMap(({ values }) => [...values.keys()]))]
  return names
    .map((name): [string, number] => {
      const known = of.filter(({ values }) => values.has(name))
      const area = auc(
        known.map(({ values }) => values.get(name)!),
        known.map(truth),
      )
      return [name, Math.max(area, 1 - area)]
    })
    .sort((a, b) => b[1] - a[1])
}

for (const [what, truth] of [
  ['rug within 24 hours', (anchor: Anchor) => anchor.isRug],
  ['20 % up within 15 minutes', (anchor: Anchor) => anchor.isPump],
] as const)
  test(`${what}: no single value tells, several together help on seeds not seen`, t => {
    const all = anchors.flat()
    const rate = all.filter(truth).length / all.length
    t.diagnostic(`${all.length} anchors, ${(100 * rate).toFixed(0)} % true`)
    const areas = singles(all, truth)
    t.diagnostic(`single: ${areas.map(([name, area]) => `${name} ${area.toFixed(2)}`).join(', ')}`)
    assert.ok(areas.length > 15)
    assert.ok(areas[0]![1] < 0.85, areas[0]!.join(' '))
    const [train, other] = [anchors.slice(0, 2).flat(), anchors.slice(2).flat()]
    const area = auc(logistic(train, other, truth), other.map(truth))
    t.diagnostic(`logistic on all, other seeds: ${area.toFixed(3)}`)
    assert.ok(area > 0.65 && area < 0.95, String(area))
  })
