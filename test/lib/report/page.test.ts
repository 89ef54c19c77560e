import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { makeOutcomes } from '../../../lib/report/labelled.ts'
import { judgedOf } from '../../../lib/report/labelled-text.ts'
import { reportPage } from '../../../lib/report/page.ts'
import { makeReport } from '../../../lib/report/trade-report.ts'

const HOSTILE = '</script></style><img/src=x/onerror=alert(1)>"\'&'
const JUDGING = { resample: 100, seed: 's', ruin: 0.5, period: 86_400_000 }
const DAY = 86_400_000

const closed = (i: number, pnl: number): Rec =>
  ({
    v: 1,
    id: `p${i}#1`,
    ts: i * DAY,
    kind: 'position',
    mint: i === 3 ? HOSTILE : `MINT${i}`,
    source: 'execute',
    position: {
      id: `p${i}${HOSTILE}`,
      status: 'closed',
      exit: i === 2 ? HOSTILE : 'stop-loss',
      openedAt: (i - 1) * DAY,
      closedAt: i * DAY,
      costLamports: '1000000',
      pnlLamports: String(pnl),
      pnl: pnl / 1e6,
      entry: { decision: `d${i}${HOSTILE}`, confidence: 0.7 },
    },
  }) as unknown as Rec

/** Tags of a page whose text holds no angle bracket. */
const tagsOf = (page: string): string[] => page.match(/<[^>]*>/g) ?? []

function pageOf(): string {
  const report = makeReport(10_000_000n)
  for (let i = 1; i <= 30; i++) report.update(closed(i, i % 3 === 0 ? -50_000 : 40_000))
  report.update({
    ...closed(31, 0),
    position: undefined,
    order: { intent: HOSTILE, side: 'buy', state: 'refused', reasons: [HOSTILE] },
  } as never)
  report.update({
    ...closed(31, 0),
    position: undefined,
    fill: {
      intent: 'f',
      side: 'buy',
      inAmount: '1',
      outAmount: '1',
      feeLamports: '0',
      priorityFeeLamports: '0',
      currency: HOSTILE,
    },
  } as never)
  const outcomes = makeOutcomes({ horizon: 'h1', costBps: 10 })
  for (let i = 0; i < 40; i++) {
    const decision = i % 2 === 0 ? { act: 'buy', reasons: [] } : { act: 'drop', reasons: [HOSTILE] }
    outcomes.take({
      id: `l${i}`,
      ts: i,
      mint: `M${i}`,
      decision,
      label: { horizon: 'h1', return: i / 100, availableAt: i },
    } as never)
  }
  return reportPage(report, JUDGING, judgedOf(outcomes, 's'))
}

test('hostile ids, rules and currencies stay text, wherever they stand', () => {
  const page = pageOf()
  assert.ok(page.includes('onerror'), 'the hostile text is shown')
  assert.ok(!page.includes('<img'))
  assert.ok(!page.includes('</script'))
  assert.equal(page.match(/<\/style>/g)?.length, page.match(/<style>/g)?.length)
  assert.ok(!tagsOf(page).some(tag => /\bon\w+=/.test(tag)), 'an attribute that runs')
})

test('the page needs nothing from outside and runs nothing', () => {
  const page = pageOf()
  assert.ok(!/<script|<link|<iframe|<object|javascript:|@import|url\(/i.test(page))
  assert.deepEqual(
    tagsOf(page).filter(tag => /\b(?:src|href)=/.test(tag)),
    [],
  )
  assert.deepEqual([...new Set(page.match(/https?:[^"]*/g))], ['http://www.w3.org/2000/svg'])
  assert.ok(page.includes('prefers-color-scheme:dark'))
})

test('every element is closed, and the same trades give the same bytes', () => {
  const page = pageOf()
  assert.equal(page, pageOf())
  const open: string[] = []
  for (const [, close, name = '', rest = ''] of page.matchAll(
    /<(\/?)([a-zA-Z]+)((?:"[^"]*"|[^">])*)>/g,
  )) {
    if (['meta', 'br'].includes(name) || rest.endsWith('/')) continue
    if (close === '/') assert.equal(open.pop(), name)
    else open.push(name)
  }
  assert.deepEqual(open, [])
  for (const title of [
    'Realised equity',
    'Costs',
    'Best and worst trades',
    'Random entries',
    'What refusals would have returned',
  ])
    assert.ok(page.includes(title), title)
})

test('a report without a trade is a page too', () => {
  const page = reportPage(makeReport(1n), JUDGING, undefined)
  assert.ok(page.includes('No trade was closed.'))
  assert.ok(!page.includes('NaN') && !page.includes('undefined') && !page.includes('Infinity'))
})
