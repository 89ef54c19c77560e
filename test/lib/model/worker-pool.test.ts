import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import { readBundle } from '../../../lib/model/files.ts'
import {
  encodeFrame,
  type Frame,
  joinFloats,
  makeFrameReader,
} from '../../../lib/model/serve/workers/frame.ts'
import { Unanswered } from '../../../lib/model/serve/workers/job.ts'
import { openWorkerPool } from '../../../lib/model/serve/workers/worker-pool.ts'
import type { Worker, WorkerEvents } from '../../../lib/model/serve/workers/worker-process.ts'
import { openSession } from '../../../lib/onnx/session.ts'
import { folder, makeModel } from './fixture.ts'

const quiet = { timeoutMs: 20_000, isRequired: true, ended: () => {}, gaveUp: () => {} }
const feedsOf = (rows: number) => [
  {
    name: 'features',
    data: Float32Array.from({ length: 4 * rows }, (_, i) => Math.sin(i)),
    shape: [4],
  },
]

test('real workers, started from the sources, compute what this process computes', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  const { model } = readBundle(`${root}/moon/1`)
  const pool = openWorkerPool({ ...quiet, workers: 2 })
  t.after(() => pool.close())
  const [there, here] = [await pool.open(model), await openSession(model)]
  assert.deepEqual([there.inputs, there.outputs], [here.inputs, here.outputs])
  const feeds = feedsOf(7).map(feed => ({ ...feed, name: bundle.inputs[0]!.name }))
  assert.deepEqual(await there.run(feeds, 7), await here.run(feeds, 7))
  await assert.rejects(pool.open(Buffer.from('not a model')), UsageError)
  await assert.rejects(there.run([], 0), Unanswered, 'an error of one run does not end the worker')
  assert.equal(pool.restarts(), 0)
  assert.equal(pool.queued(), 0)
  await there.release()
  await here.release()
})

/**
 * A worker that lives here: it opens everything; `run` says what it does with a run, by its
 * how-manieth run it is.
 */
function pretend(
  run: (nth: number) => 'answer' | 'die' | 'hang',
  dies: () => string | undefined = () => undefined,
) {
  let runs = 0
  const log: string[] = []
  const start = (events: WorkerEvents): Worker => {
    let isDead = false
    const die = (how: string): void => {
      if (isDead) return
      isDead = true
      setImmediate(() => events.ended(how))
    }
    const read = makeFrameReader(frame => setImmediate(() => isDead || obey(frame)))
    const say = makeFrameReader(frame => events.frame(frame))
    const obey = ({ head }: Frame): void => {
      const end = head.is === 'open' ? dies() : undefined
      if (end !== undefined) die(end)
      else if (head.is === 'open')
        say(encodeFrame({ is: 'opened', model: head.model, inputs: ['features'], outputs: ['p'] }))
      else if (head.is === 'run') {
        const what = run(runs++)
        log.push(`${what} ${head.job}`)
        if (what === 'die') die('SIGSEGV')
        else if (what === 'answer')
          say(
            encodeFrame(
              { is: 'done', job: head.job, outputs: [{ name: 'p', length: head.rows }] },
              joinFloats([new Float32Array(head.rows).fill(head.job)]),
            ),
          )
      } else if (head.is === 'ping') say(encodeFrame({ is: 'pong' }))
    }
    return {
      pid: 1,
      send: (head, data) => read(encodeFrame(head, data)),
      kill: () => die('killed'),
    }
  }
  return { start, log }
}

test('a run that ends its worker is run again, by the next one', async t => {
  const { start, log } = pretend(nth => (nth < 2 ? 'die' : 'answer'))
  const pool = openWorkerPool({ ...quiet, workers: 1, start })
  t.after(() => pool.close())
  const session = await pool.open(new Uint8Array())
  const [answer] = (await session.run(feedsOf(1), 1)).get('p')!
  assert.deepEqual(log, [`die ${answer}`, `die ${answer}`, `answer ${answer}`])
  assert.equal(pool.restarts(), 2)
})

test('five restarts in a row and no sixth; an answer in between starts the count anew', async t => {
  const { start, log } = pretend(nth => (nth === 3 ? 'answer' : 'die'))
  let text = ''
  const pool = openWorkerPool({ ...quiet, workers: 1, start, gaveUp: told => void (text = told) })
  t.after(() => pool.close())
  const session = await pool.open(new Uint8Array())
  await session.run(feedsOf(1), 1)
  await assert.rejects(session.run(feedsOf(1), 1), { code: 4 })
  assert.equal(log.filter(line => line.startsWith('die')).length, 3 + 6)
  assert.match(text, /ended 6 times in a row, the last with "SIGSEGV"/)
  await assert.rejects(session.run(feedsOf(1), 1), { code: 4 })
})

test('a worker that never answers is ended; its rows are answered or time out', async t => {
  const { start } = pretend(nth => (nth === 0 ? 'hang' : 'answer'))
  const pool = openWorkerPool({ ...quiet, workers: 1, start })
  t.after(() => pool.close())
  const session = await pool.open(new Uint8Array())
  const startedAt = performance.now()
  assert.equal((await session.run(feedsOf(3), 3)).get('p')?.length, 3)
  assert.ok(performance.now() - startedAt < 2000)
  const slow = openWorkerPool({
    ...quiet,
    timeoutMs: 50,
    workers: 1,
    start: pretend(() => 'hang').start,
  })
  t.after(() => slow.close())
  const other = await slow.open(new Uint8Array())
  await assert.rejects(other.run(feedsOf(1), 1), {
    error: 'timeout',
    message: 'no answer in 50 ms',
  })
})

test('a model that ends the workers that open it is refused; the others go on', async t => {
  const pool = openWorkerPool({
    ...quiet,
    workers: 2,
    start: pretend(
      () => 'answer',
      () => 'SIGSEGV',
    ).start,
  })
  t.after(() => pool.close())
  await assert.rejects(pool.open(new Uint8Array()), {
    code: 2,
    message: /the worker that opens it ends with "SIGSEGV"/,
  })
})

test('a worker killed while it opens a model does not speak against the model', async t => {
  let kills = 4
  const { start } = pretend(
    () => 'answer',
    () => (kills-- > 0 ? 'SIGKILL' : undefined),
  )
  const pool = openWorkerPool({ ...quiet, workers: 1, start })
  t.after(() => pool.close())
  await (await pool.open(new Uint8Array())).run(feedsOf(1), 1)
  const doomed = openWorkerPool({
    ...quiet,
    workers: 1,
    start: pretend(
      () => 'answer',
      () => 'SIGKILL',
    ).start,
  })
  t.after(() => doomed.close())
  await assert.rejects(doomed.open(new Uint8Array()), { code: 4 })
})
