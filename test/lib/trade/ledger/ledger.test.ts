import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import execute from '../../../../cmd/execute.ts'
import { makeRng } from '../../../../lib/base/rng.ts'
import type { StepCommand } from '../../../../lib/cli/command.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { unseal } from '../../../../lib/store/sealed/checksum.ts'
import { makeAccount } from '../../../../lib/trade/account/account.ts'
import { openLedger } from '../../../../lib/trade/ledger/ledger.ts'
import { childArgs } from '../../../kit/child.ts'
import { buyNow, market, T, tick } from '../../../kit/market-lines.ts'
import { contextOf, lineOf, runStep } from '../../../kit/step.ts'

const HEAD = { ledger: 'sluice', v: 1, mode: 'paper', cashLamports: '10000000000' } as const
const BASE = 206_900_000_000_000n
const QUOTE = 79_000_000_000n
const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-ledger-'))
  t.after(() => rmSync(dir, { recursive: true }))
  return dir
}
const PLAIN = { latency: 900, jitter: 0, revertRate: 0, expireRate: 0 }
async function run(lines: string[], flags: object): Promise<string[]> {
  const step = await (execute as StepCommand<any>).make(
    contextOf(execute, { ...PLAIN, ...flags } as never),
  )
  return runStep(step, lines, 4)
}
const entries = (path: string): Rec[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(1, -1)
    .map(raw => JSON.parse(unseal(raw).text) as Rec)

const day = [
  market(T, BASE, QUOTE, buyNow()),
  market(T + 1000, BASE, QUOTE),
  market(T + 5000, BASE * 2n, QUOTE / 2n),
  market(T + 6000, BASE * 2n, QUOTE / 2n),
  market(T + 7000, BASE * 2n, QUOTE / 2n, buyNow('50000000')),
  market(T + 8000, BASE * 2n, QUOTE / 2n),
]

test('a run with a ledger says the same as one without, and leaves its lines in it', async t => {
  const ledger = join(folder(t), 'paper.ndjson')
  const without = await run(day, { ledger: 'none' })
  assert.deepEqual(await run(day, { ledger }), without)
  assert.deepEqual(
    readFileSync(ledger, 'utf8')
      .split('\n')
      .slice(1, -1)
      .map(raw => unseal(raw).text),
    without.filter(raw => !raw.includes('"refused"')),
  )
  assert.equal(statSync(ledger).mode & 0o777, 0o600)
})

test('a replayed decision buys nothing', async t => {
  const ledger = join(folder(t), 'paper.ndjson')
  await run(day, { ledger })
  const before = readFileSync(ledger, 'utf8')
  const again = (await run(day, { ledger })).map(raw => JSON.parse(raw))
  assert.deepEqual(again, [], 'lines older than the ledger are history')
  assert.equal(readFileSync(ledger, 'utf8'), before)
  const last = JSON.parse(before.split('\n').at(-2)!).ts
  const later = market(T, BASE, QUOTE, buyNow()).replace(`"ts":${T}`, `"ts":${last}`)
  const buys = (await run([later], { ledger }))
    .map(raw => JSON.parse(raw))
    .filter(({ order }) => order?.side === 'buy')
  assert.deepEqual(
    buys.map(({ order }) => [order.state, order.reasons]),
    [['refused', ['duplicate']]],
  )
})

test('interrupted at any line and continued, the trades are those of one run', async t => {
  const dir = folder(t)
  const whole = await run(day, { ledger: 'none' })
  for (let cut = 0; cut <= day.length; cut++) {
    const ledger = join(dir, `${cut}.ndjson`)
    const first = await run(day.slice(0, cut), { ledger })
    const second = await run(day.slice(cut), { ledger })
    // after a restart no price is known until it is told: only what is remembered of peaks and
    // values may differ
    const money = (raws: string[]): unknown[] =>
      raws.flatMap(raw => {
        const { fill, order, id } = JSON.parse(raw) as Rec
        return fill !== undefined || order !== undefined ? [[id, fill, order?.state]] : []
      })
    assert.deepEqual(money([...first, ...second]), money(whole), `cut at ${cut}`)
  }
})

test('a torn tail is cut off, whatever it is; the lines before it stay', async t => {
  const ledger = join(folder(t), 'paper.ndjson')
  await run(day, { ledger })
  const good = readFileSync(ledger, 'utf8')
  for (const tail of [
    '{"v":1,"id":"buy',
    '{"v":1}',
    '\0\0\0\0\0',
    '{"v":1,"id"\n',
    '\u00e9'.repeat(3),
  ]) {
    appendFileSync(ledger, tail)
    const seen: Rec[] = []
    const opened = openLedger(ledger, HEAD, rec => seen.push(rec))
    opened.close()
    assert.equal(opened.repaired, Buffer.byteLength(tail))
    assert.equal(readFileSync(ledger, 'utf8'), good)
    assert.deepEqual(seen, entries(ledger))
    assert.equal(opened.replayed, seen.length)
  }
})

test('a foreign line, an edited line, another head: refused, untouched', t => {
  const dir = folder(t)
  const path = join(dir, 'x.ndjson')
  const head = JSON.stringify(HEAD)
  const fill = {
    intent: 'a',
    side: 'buy',
    inAmount: '1',
    outAmount: '2',
    feeLamports: '1',
    priorityFeeLamports: '1',
  }
  const entry = (part: object, more: object = {}) =>
    JSON.stringify({
      v: 1,
      id: 'a#fill1',
      ts: 1,
      kind: 'fill',
      mint: 'M',
      source: 'execute',
      fill: part,
      ...more,
    })
  const cases: [string[], RegExp][] = [
    [['{"v":1,"id":"x","ts":1,"kind":"tick","source":"discover"}', head], /line 1: .*not a ledger/],
    [[head, tick(T), entry(fill)], /line 2: .*expected a line of kind order, fill/],
    [[head, entry(fill, { source: 'jq' })], /line 2/],
    [[head, entry({ ...fill, inAmount: '1.5' }), entry(fill)], /line 2: .*fill.inAmount/],
    [[head, 'garbage', entry(fill)], /line 2: .*not JSON/],
    [['null', head], /line 1/],
    [[JSON.stringify({ ...HEAD, mode: 'live' })], /its mode is live, this run has paper/],
    [[JSON.stringify({ ...HEAD, cashLamports: '1' })], /its cashLamports is 1/],
  ]
  for (const [lines, message] of cases) {
    const text = `${lines.join('\n')}\n`
    writeFileSync(path, text)
    assert.throws(
      () => openLedger(path, HEAD, () => {}),
      (error: Error) => {
        assert.match(String(error), message)
        return true
      },
    )
    assert.equal(readFileSync(path, 'utf8'), text)
  }
  writeFileSync(path, `${head}\n`)
  openLedger(path, HEAD, () => {}).close()
})

test('one writer at a time', t => {
  const path = join(folder(t), 'paper.ndjson')
  const first = openLedger(path, HEAD, () => {})
  assert.throws(() => openLedger(path, HEAD, () => {}), /already/)
  first.close()
  openLedger(path, HEAD, () => {}).close()
})

/** Sixty tokens that are bought and sold again, ten seconds apart. */
const market60 = Array.from({ length: 60 }, (_, i) => {
  const [at, where] = [T + i * 10_000, { mint: `M${i}`, pool: `P${i}` }]
  return [
    market(at, BASE, QUOTE, buyNow(), where),
    market(at + 1000, BASE, QUOTE, {}, where),
    market(at + 2500, (BASE * 10n) / 14n, (QUOTE * 14n) / 10n, {}, where),
    market(at + 4000, (BASE * 10n) / 14n, (QUOTE * 14n) / 10n, {}, where),
    market(at + 6000, (BASE * 10n) / 14n, (QUOTE * 14n) / 10n, {}, where),
  ]
}).flat()

const CHILD = childArgs(new URL('execute-child.ts', import.meta.url))

/**
 * Feeds a child the lines in small pieces and kills it after some time; what it printed in whole
 * lines.
 */
async function killedAfter(
  ms: number,
  ledger: string,
  lines: readonly string[],
): Promise<string[]> {
  const child = spawn(process.execPath, [...CHILD, ledger], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', data => (text += data))
  child.stdin.on('error', () => {})
  for (const raw of lines) child.stdin.write(`${raw}\n`)
  child.stdin.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  await new Promise(resolve => child.on('close', resolve))
  clearTimeout(timer)
  return text.split('\n').slice(0, -1)
}

test('killed at any moment and started again with the whole input: each decision bought at most ' +
  'once, nothing printed is lost', {
  timeout: 60_000,
}, async t => {
  const ledger = join(folder(t), 'paper.ndjson')
  const unbroken = join(folder(t), 'unbroken.ndjson')
  const startedAt = performance.now()
  await killedAfter(30_000, unbroken, market60)
  const whole = performance.now() - startedAt
  const rng = makeRng('kills')
  const printed: string[] = []
  for (let i = 0; i < 8; i++)
    printed.push(...(await killedAfter(rng.next() * whole, ledger, market60)))
  const last = await killedAfter(30_000, ledger, market60)
  const kept = entries(ledger)
  const ids = kept.map(rec => rec.id)
  assert.equal(new Set(ids).size, ids.length, 'a line is in the ledger twice')
  const bought = kept.filter(rec => rec.fill?.side === 'buy').map(rec => rec.mint)
  assert.equal(new Set(bought).size, bought.length, 'a decision bought twice')
  assert.ok(bought.length > 10, `only ${bought.length} buys`)
  const fills = (recs: Rec[]): unknown[] =>
    recs.flatMap(({ id, fill }) => (fill ? [[id, fill]] : []))
  assert.deepEqual(
    fills(kept),
    fills(entries(unbroken)),
    'the trades are those of a run that was never killed',
  )
  const known = new Set(ids)
  for (const raw of [...printed, ...last]) {
    const { id, order } = JSON.parse(raw) as Rec
    if (order?.state !== 'refused')
      assert.ok(known.has(id), `${id} was printed and is not in the ledger`)
  }
  const account = makeAccount(10_000_000_000n, () => 0n)
  for (const rec of kept) account.apply(rec)
  const { cost, fees, rent, proceeds } = account.book.totals()
  assert.equal(account.book.cash(), 10_000_000_000n - cost - fees - rent + proceeds)
})

test('a full disk ends the run; what was printed is in the ledger, which stays whole', async t => {
  const dir = folder(t)
  const ledger = join(dir, 'paper.ndjson')
  const limited = `ulimit -f 24; exec ${process.execPath} ${CHILD.join(' ')} ${ledger}`
  const child = spawn('bash', ['-c', limited], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  })
  let [text, errors] = ['', '']
  child.stdout.on('data', data => (text += data))
  child.stderr.on('data', data => (errors += data))
  child.stdin.on('error', () => {})
  child.stdin.end(market60.map(raw => `${raw}\n`).join(''))
  await new Promise(resolve => child.on('close', resolve))
  assert.match(errors, /paper.ndjson cannot be written, nothing was traded: EFBIG/)
  const kept = entries(ledger).map(rec => rec.id)
  const printed = text
    .split('\n')
    .slice(0, -1)
    .map(raw => JSON.parse(raw) as Rec)
  assert.ok(kept.length > 5)
  assert.deepEqual(
    printed.filter(({ order }) => order?.state !== 'refused').map(rec => rec.id),
    kept,
  )
  openLedger(ledger, HEAD, () => {}).close()
})

test('the disk is asked once per batch, before the batch leaves', async t => {
  const ledger = join(folder(t), 'paper.ndjson')
  const step = await (execute as StepCommand<any>).make(
    contextOf(execute, { ...PLAIN, ledger } as never),
  )
  const sizes: number[] = []
  await step.batch?.(
    day.map(raw => lineOf(raw)),
    () => sizes.push(statSync(ledger).size),
  )
  await step.close?.()
  assert.ok(sizes.length > 5)
  assert.equal(new Set(sizes).size, 1)
  assert.equal(sizes[0], statSync(ledger).size)
})
