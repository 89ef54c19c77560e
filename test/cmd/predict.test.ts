import assert from 'node:assert/strict'
import { execFileSync, type spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeRng } from '../../lib/base/rng.ts'
import { type Done, sluice } from '../kit/proc.ts'
import { makeModel, poolLine, use } from '../lib/model/fixture.ts'

/**
 * predict as it is built and run: real workers that are killed and stopped, models promoted while
 * lines flow.
 */
type Child = ReturnType<typeof spawn>

const root = mkdtempSync(join(tmpdir(), 'sluice-predict-'))
const rng = makeRng('lines')
const LINES = Array.from(
  { length: 4000 },
  (_, n) =>
    poolLine(n, {
      priceChange1: rng.normal(),
      priceChange3: rng.normal(),
      consecutiveGains: rng.below(9),
    }).raw,
)
let expected: string

before(async () => {
  await makeModel(root, 'moon', '1')
  await makeModel(root, 'moon', '2', { rounds: 5 })
  use(root, 'moon', { production: '1' })
  expected = (await predict(['--deterministic'], all)).stdout
})
after(() => rmSync(root, { recursive: true, force: true }))

const unlines = (all: readonly string[]): string => all.map(line => `${line}\n`).join('')
const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const predict = (
  argv: string[],
  drive: (child: Child) => void | Promise<void>,
  more: { env?: Record<string, string>; home?: string } = {},
): Promise<Done> =>
  sluice(['predict', '--model', 'moon', '--models', root, '--cache', '0', ...argv], {
    drive,
    ...more,
  })

const all = (child: Child): void => void child.stdin?.end(unlines(LINES))

/** Workers of a running predict: its children, by /proc. */
function workersOf(child: Child): number[] {
  const all = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  return all === '' ? [] : all.split(' ').map(Number)
}

/** A worker may have ended by itself meanwhile; false then. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
    return false
  }
}

/** Waits for workers other than those given. */
async function newWorkers(child: Child, old: readonly number[] = [], count = 1): Promise<number[]> {
  for (let waited = 0; waited < 15_000; waited += 5) {
    const found = workersOf(child).filter(pid => !old.includes(pid))
    if (found.length >= count) return found
    await wait(5)
  }
  throw new Error('no worker has started')
}

/** Writes lines in pieces of 20, with `between` called after each. */
async function write(
  child: Child,
  lines: readonly string[],
  between: (piece: number) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < lines.length; i += 20) {
    child.stdin?.write(unlines(lines.slice(i, i + 20)))
    await between(i / 20)
  }
  child.stdin?.end()
}

const hasProc = (() => {
  try {
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`)
    return true
  } catch {
    return false
  }
})()
const skip = hasProc ? false : 'finds worker processes through /proc'

test('with workers it gives the bytes that it gives without', async () => {
  const done = await predict(['--workers', '2'], all)
  assert.equal(done.stdout, expected)
  assert.equal(done.code, 0, done.stderr)
})

test('workers killed with SIGKILL under load: every line once, in order, with its number', {
  skip,
}, async () => {
  let killed = 0
  const done = await predict(['--workers', '2', '--timeout', '20s'], async child => {
    // The model is open: whoever kills those that open it five times says something else.
    child.stdin?.write(unlines(LINES.slice(0, 20)))
    await new Promise(resolve => child.stdout?.once('data', resolve))
    await write(child, LINES.slice(20), async piece => {
      await wait(5)
      if (piece % 25 !== 5) return
      // The older one, once the one killed before has its successor: each in turn, four times.
      const [oldest] = await newWorkers(child, [], 2)
      if (kill(oldest!)) killed++
    })
  })
  assert.ok(killed >= 6, `killed ${killed}: ${done.code} ${done.stderr}`)
  assert.equal(done.code, 0, done.stderr)
  assert.equal(done.stdout, expected)
  assert.match(done.stderr, /an inference worker ended with SIGKILL and is replaced/)
})

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test(`a worker that gets ${signal} is replaced within 2 s`, { skip }, async () => {
    let tookMs = 0
    const done = await predict(['--workers', '1', '--timeout', '20s'], async child => {
      const [first] = (await newWorkers(child)) as [number]
      child.stdin?.write(unlines(LINES.slice(0, 10)))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      process.kill(first, signal)
      const startedAt = performance.now()
      child.stdin?.write(unlines(LINES.slice(10, 20)))
      await newWorkers(child, [first])
      tookMs = performance.now() - startedAt
      child.stdin?.end()
    })
    assert.equal(done.stdout, unlines(expected.split('\n').slice(0, 20)))
    assert.ok(tookMs < 2000, `${Math.round(tookMs)} ms`)
  })
}

test('past the time limit lines pass with an error, and the next ones are scored again', {
  skip,
}, async () => {
  const done = await predict(
    ['--workers', '1'],
    async child => {
      const [first] = (await newWorkers(child)) as [number]
      child.stdin?.write(unlines(LINES.slice(0, 5)))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      process.kill(first, 'SIGSTOP')
      child.stdin?.write(unlines(LINES.slice(5, 10)))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      await newWorkers(child, [first])
      await wait(1500)
      child.stdin?.end(unlines(LINES.slice(10, 15)))
    },
    { env: { ML_INFERENCE_TIMEOUT_MS: '300' } },
  )
  const found = done.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  const want = expected.split('\n')
  assert.deepEqual(
    found.map(({ id }) => id),
    LINES.slice(0, 15).map(line => JSON.parse(line).id),
  )
  for (const line of found.slice(5, 10))
    assert.deepEqual(line.prediction.moon, {
      error: 'timeout',
      reason: 'no answer in 300 ms',
      version: '1',
    })
  assert.deepEqual(
    found.slice(10),
    want.slice(10, 15).map(line => JSON.parse(line)),
  )
  assert.match(done.stderr, /"name":"timeout"/)
})

test('Ctrl-C reaches the workers too: what is in flight is still answered', { skip }, async () => {
  const done = await predict(['--workers', '2'], async child => {
    const pids = await newWorkers(child, [], 2)
    child.stdin?.write(unlines(LINES.slice(0, 2000)))
    await new Promise(resolve => child.stdout?.once('data', resolve))
    for (const pid of [...pids, child.pid!]) process.kill(pid, 'SIGINT')
    child.stdin?.end(unlines(LINES.slice(2000)))
  })
  assert.equal(done.code, 130, done.stderr)
  assert.equal(done.stdout, expected)
  assert.match(done.stderr, /worker restarts 0/)
})

test('workers end when predict is killed', { skip }, async () => {
  let pids: number[] = []
  await predict(['--workers', '2'], async child => {
    pids = await newWorkers(child, [], 2)
    child.stdin?.write(unlines(LINES.slice(0, 5)))
    await new Promise(resolve => child.stdout?.once('data', resolve))
    child.kill('SIGKILL')
  })
  for (let waited = 0; waited < 3000 && pids.some(isAlive); waited += 20) await wait(20)
  assert.deepEqual(pids.filter(isAlive), [])
})

/** Whether a process is there and not only waits to be collected. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Ends every worker as soon as it appears, until predict says that none can be kept. */
async function killAll(child: Child): Promise<void> {
  let stderr = ''
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  while (!stderr.includes('"name":"no-worker"')) {
    for (const pid of workersOf(child)) kill(pid)
    await wait(5)
  }
}

/** What predict does with 5 lines before and 5 lines after its workers could not be kept. */
const unkept = (env: Record<string, string>): Promise<Done> =>
  predict(
    ['--workers', '1', '--timeout', '30s'],
    async child => {
      child.stdin?.write(unlines(LINES.slice(0, 5)))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      await killAll(child)
      child.stdin?.end(unlines(LINES.slice(5, 10)))
    },
    { env },
  )

test('workers that cannot be kept end it with exit 4 after 5 restarts', { skip }, async () => {
  const done = await unkept({})
  assert.equal(done.code, 4, done.stderr)
  assert.match(
    done.stderr,
    /^predict: inference workers ended 6 times in a row, the last with "SIGKILL"$/m,
  )
  assert.equal(done.stdout, unlines(expected.split('\n').slice(0, 5)))
})

test('without --ml-required the lines then pass with an error', { skip }, async () => {
  const done = await unkept({ ML_REQUIRED: 'false' })
  assert.equal(done.code, 0, done.stderr)
  const found = done.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  assert.deepEqual(
    found.map(({ prediction }) => prediction.moon.error),
    [...Array(5).fill(undefined), ...Array(5).fill('no-worker')],
  )
})

for (const workers of ['0', '2']) {
  test(`promotions under load, ${workers} workers: no line lost, doubled or mixed`, async () => {
    const other = (
      await sluice(['predict', '--models', root, '--model', 'moon@2'], { input: unlines(LINES) })
    ).stdout.split('\n')
    const first = expected.split('\n')
    let swaps = 0
    const done = await predict(['--workers', workers], async child => {
      child.stdin?.write(unlines(LINES.slice(0, 20)))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      await write(child, LINES.slice(20), async piece => {
        await wait(12)
        if (piece % 40 !== 10) return
        swaps++
        use(root, 'moon', { production: swaps % 2 === 1 ? '2' : '1' })
      })
    })
    use(root, 'moon', { production: '1' })
    assert.equal(done.code, 0, done.stderr)
    const found = done.stdout.split('\n')
    assert.equal(found.length, first.length)
    const seen = found
      .slice(0, -1)
      .map((line, i) => (line === first[i] ? '1' : line === other[i] ? '2' : 'neither'))
    assert.ok(!seen.includes('neither'))
    const changes = seen.filter((version, i) => i > 0 && version !== seen[i - 1]).length
    assert.ok(changes >= 3, `${changes} changes in ${swaps} promotions`)
  })
}

test('a bad new version is not taken and gives an alert, a good one after it is taken', async t => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const told = join(home, 'told.ndjson')
  writeFileSync(join(home, 'config.json'), JSON.stringify({ alert: { command: `cat >> ${told}` } }))
  const bundle = JSON.parse(readFileSync(join(root, 'moon', '2', 'bundle.json'), 'utf8'))
  const bad = join(root, 'moon', '3')
  execFileSync('cp', ['-r', join(root, 'moon', '2'), bad])
  t.after(() => rmSync(bad, { recursive: true }))
  const p = bundle.parity.outputs.p.map((x: number) => 1 - x)
  const lie = { ...bundle, version: '3', parity: { ...bundle.parity, outputs: { p } } }
  writeFileSync(join(bad, 'bundle.json'), JSON.stringify(lie))
  const done = await predict(
    [],
    async child => {
      for (const [i, production] of ['1', '3', '2'].entries()) {
        use(root, 'moon', { production })
        for (let k = 0; k < 4; k++) {
          child.stdin?.write(unlines(LINES.slice(40 * i + 10 * k, 40 * i + 10 * k + 10)))
          await wait(200)
        }
      }
      child.stdin?.end()
    },
    { home },
  )
  use(root, 'moon', { production: '1' })
  assert.equal(done.code, 0, done.stderr)
  const versions = done.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line).prediction.moon.version)
  assert.equal(versions.length, 120)
  assert.deepEqual([...new Set(versions)], ['1', '2'])
  assert.deepEqual(versions.slice(0, 80), Array(80).fill('1'))
  assert.equal(versions.at(-1), '2')
  const [alert, ...rest] = readFileSync(told, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  assert.deepEqual(rest, [])
  assert.equal(alert.kind, 'alert')
  assert.equal(alert.alert.name, 'model-refused')
  assert.match(alert.alert.text, /moon@3: p gives .* for a parity row, not .*; 1 stays in use/)
})

test('ML_OFF works from the next batch on, in both directions', async t => {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const done = await predict(
    [],
    async child => {
      const say = async (from: number): Promise<void> => {
        child.stdin?.write(unlines(LINES.slice(from, from + 10)))
        await new Promise(resolve => child.stdout?.once('data', resolve))
      }
      await say(0)
      writeFileSync(join(home, 'ML_OFF'), '')
      await say(10)
      rmSync(join(home, 'ML_OFF'))
      await say(20)
      child.stdin?.end()
    },
    { home },
  )
  const want = expected.split('\n')
  assert.equal(
    done.stdout,
    unlines([...want.slice(0, 10), ...LINES.slice(10, 20), ...want.slice(20, 30)]),
  )
  assert.match(done.stderr, /ML_OFF is set/)
})

test('metrics on a port of the loopback, in the text format of Prometheus', async () => {
  const port = 20_000 + (process.pid % 20_000)
  let text = ''
  await predict(['--metrics', String(port)], async child => {
    child.stdin?.write(unlines(LINES.slice(0, 100)))
    await new Promise(resolve => child.stdout?.once('data', resolve))
    await wait(100)
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    text = await answer.text()
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404)
    child.stdin?.end()
  })
  assert.match(text, /^sluice_predict_lines_total 100$/m)
  assert.match(text, /^sluice_predict_predictions_total\{model="moon"\} 100$/m)
  // Every line is a comment or a sample of the grammar of the text format 0.0.4.
  for (const line of text.trimEnd().split('\n'))
    assert.match(
      line,
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$/,
    )
})
