import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeAlertHook } from '../../../lib/alerts/alert-hook.ts'
import { makeAlerts } from '../../../lib/alerts/alerts-once.ts'
import { metricsText } from '../../../lib/alerts/prometheus.ts'
import { makeServingHealth } from '../../../lib/model/serve/serving-health.ts'
import { makeHistogram } from '../../../lib/stream/histogram.ts'

test('quantiles of a histogram lie within one bucket (26 %) above the true ones', () => {
  const histogram = makeHistogram()
  assert.equal(histogram.quantile(0.5), 0)
  for (let ms = 1; ms <= 1000; ms++) histogram.add(ms)
  for (const [q, truth] of [
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
    [1, 1000],
  ] as const) {
    const found = histogram.quantile(q)
    assert.ok(found >= truth && found <= truth * 1.26, `${q}: ${found}`)
  }
  assert.equal(histogram.sum(), 500_500)
})

function watched(limits: { latencyLimitMs: number; errorLimit: number }) {
  const lines: string[] = []
  const alerts = makeAlerts('predict', line => void lines.push(line))
  const health = makeServingHealth({
    alerts,
    ...limits,
    queued: () => 0,
    restarts: () => 0,
    models: () => [],
  })
  return { health, alerts: () => lines.map(line => JSON.parse(line)) }
}

test('slow predictions raise one alert, and another one only after they were fast again', () => {
  const { health, alerts } = watched({ latencyLimitMs: 500, errorLimit: 1 })
  const batch = (ms: number, n: number): void => {
    for (let i = 0; i < n; i++)
      health.batch(ms, 1, 1_763_685_000_000, [{ moon: { version: '1', p: 0.5 } }])
  }
  batch(10, 960)
  assert.equal(alerts().length, 0)
  batch(812, 40) // 40 of 1000 are slow: p95 is still fast.
  assert.equal(alerts().length, 0)
  batch(812, 100) // 140 of 1000.
  assert.deepEqual(alerts()[0], {
    v: 1,
    id: 'alert:predict:latency:1763685000000',
    ts: 1_763_685_000_000,
    kind: 'alert',
    source: 'predict',
    alert: {
      severity: 'error',
      name: 'latency',
      value: 812,
      limit: 500,
      text: 'p95 812 ms over the last 1000 predictions',
    },
  })
  batch(812, 500)
  assert.equal(alerts().length, 1)
  batch(10, 1000)
  batch(812, 100)
  assert.equal(alerts().length, 2)
})

test('errors raise alerts by kind and by share; features that are not ready are no errors', () => {
  const { health, alerts } = watched({ latencyLimitMs: 1e6, errorLimit: 0.05 })
  const error = (name: string) => [{ moon: { error: name, reason: 'because' } }]
  for (let i = 0; i < 94; i++) health.batch(1, 1, 5, [{ moon: { version: '1', p: 0.5 } }])
  for (let i = 0; i < 500; i++) health.batch(1, 1, 5, error('not-ready'))
  assert.deepEqual(alerts(), [])
  for (let i = 0; i < 6; i++) health.batch(1, 1, 5, error('timeout'))
  assert.deepEqual(
    alerts().map(({ id, alert }) => [id, alert.text]),
    [
      ['alert:predict:timeout.moon:5', 'moon: because'],
      ['alert:predict:errors:5', '6.0 % of the last 100 predictions have an error'],
    ],
  )
  const metrics = health.metrics()
  assert.match(metrics, /^sluice_predict_errors_total\{model="moon",error="timeout"\} 6$/m)
  assert.match(metrics, /^sluice_predict_predictions_total\{model="moon"\} 94$/m)
  assert.equal(Object.fromEntries(health.notes()).errors, '6.0%')
})

test('labels are escaped as the text format says', () => {
  const labels: Record<string, string> = { l: 'q"b\\n\n' }
  const text = metricsText([{ name: 'a', type: 'gauge', help: 'x\ny', samples: [[labels, 1]] }])
  assert.equal(text, '# HELP a x\\ny\n# TYPE a gauge\na{l="q\\"b\\\\n\\n"} 1\n')
})

test('alerts go to the command in order; what it refuses goes to stderr', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-alerts-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const told = join(dir, 'told')
  const stderr: string[] = []
  const hook = makeAlertHook(`sleep 0.05; cat >> ${told}`, line => void stderr.push(line))
  for (let i = 0; i < 5; i++) hook.send(`{"n":${i}}`)
  await hook.flush()
  assert.equal(readFileSync(told, 'utf8'), '{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n')
  assert.equal(stderr.length, 0)
  const broken = makeAlertHook('exit 3', line => void stderr.push(line))
  broken.send('{"n":9}')
  await broken.flush()
  assert.deepEqual(stderr, ['{"n":9}\nalert.command: ended with exit 3'])
})
