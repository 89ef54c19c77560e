import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type EpochLine,
  type NetworkJob,
  runNetwork,
} from '../../../../lib/train/networks/run-network.ts'
import { trainSequence } from '../../../../lib/train/networks/train-sequence.ts'
import { quietHooks, TINY, walkRows } from './rows.ts'

const rows = walkRows(400)
const options = { ...TINY, epochs: 6 }
const job: NetworkJob = { kind: 'sequence', rows, options }

test('a run in its own process makes the same file while timers here go on', async () => {
  const lines: EpochLine[] = []
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  const started = performance.now()
  const model = await runNetwork(job, { onEpoch: line => lines.push(line) })
  const took = performance.now() - started
  clearInterval(timer)
  const here = await trainSequence(rows, options, { hooks: quietHooks() })
  assert.deepEqual(Buffer.from(model!.onnx), Buffer.from(here!.onnx))
  assert.deepEqual(
    lines.map(({ rowsPerS: _, ...line }) => line),
    here!.history,
  )
  assert.ok(lines.every(line => line.rowsPerS > 0 && line.lr > 0))
  // A blocked loop would make a handful of turns; a free one about one per 5 ms.
  assert.ok(turns > took / 50, `${turns} turns in ${took} ms`)
})

test(
  'stopped and resumed through a file, the file is the same; a damaged or foreign checkpoint ' +
    'is refused',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-'))
    const checkpoint = join(home, 'run.checkpoint')
    try {
      const abort = new AbortController()
      const onEpoch = (line: EpochLine): void => void (line.epoch === 2 && abort.abort())
      assert.equal(await runNetwork(job, { checkpoint, signal: abort.signal, onEpoch }), undefined)
      assert.deepEqual(readdirSync(home), ['run.checkpoint'])
      await assert.rejects(
        runNetwork({ ...job, options: { ...options, seed: 9 } } as NetworkJob, {
          checkpoint,
          resume: true,
        }),
        {
          code: 2,
          message: /other data or other options/,
        },
      )
      const seen: number[] = []
      const resumed = await runNetwork(job, {
        checkpoint,
        resume: true,
        onEpoch: line => void seen.push(line.epoch),
      })
      assert.equal(seen[0], 3)
      const whole = await trainSequence(rows, options, { hooks: quietHooks() })
      assert.deepEqual(Buffer.from(resumed!.onnx), Buffer.from(whole!.onnx))
      writeFileSync(checkpoint, 'torn')
      await assert.rejects(runNetwork(job, { checkpoint, resume: true }), {
        code: 3,
        message: 'not a checkpoint',
      })
    } finally {
      rmSync(home, { recursive: true })
    }
  },
)

test('errors arrive as they were thrown', async () => {
  await assert.rejects(
    runNetwork({ ...job, rows: { ...rows, labels: new Float32Array(3) } } as NetworkJob),
    {
      code: 3,
      field: 'labels',
      message: '400 rows of 3 need 1200 numbers, got 3',
    },
  )
  await assert.rejects(runNetwork(job, { checkpoint: '/nowhere/run.checkpoint' }), {
    code: 4,
    message: /^checkpoint \/nowhere/,
  })
})
