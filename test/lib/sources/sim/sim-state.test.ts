import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataError, TemporaryError, UsageError } from '../../../../lib/base/errors.ts'
import { makeSimSource } from '../../../../lib/sources/sim/sim-source.ts'
import { simulate } from '../../../../lib/sources/sim/world.ts'
import { makeHome, sh, testEnv } from '../../../kit/proc.ts'
import { OPTIONS } from './study.ts'

const SHORT = { ...OPTIONS, days: 0.2, tokensPerHour: 10 }
const WHOLE = [...simulate(SHORT)].flat().map(line => line.raw)

/** Lines of a run that is left alone, or stops after about `stop` lines in one of three ways. */
async function run(
  state: string,
  stop = Number.POSITIVE_INFINITY,
  how: 'signal' | 'reader' | 'return' = 'signal',
  options = SHORT,
  warn?: (text: string) => void,
): Promise<string[]> {
  const [told, sent] = [new AbortController(), new AbortController()]
  const source = makeSimSource(options, state, sent.signal, warn)
  const lines: string[] = []
  try {
    for await (const batch of source.lines(told.signal)) {
      for (const { raw } of batch) lines.push(raw)
      if (lines.length < stop) continue
      if (how === 'return') break
      if (how === 'signal') sent.abort()
      told.abort()
    }
  } finally {
    await source.close?.()
  }
  return lines
}

test('told to stop again and again, the pieces are the market, line by line', async t => {
  const home = makeHome(t)
  const pieces: string[] = []
  for (const stop of [1, 5, 700, 40, 1000]) pieces.push(...(await run(home, stop)))
  pieces.push(...(await run(home)))
  assert.deepEqual(pieces, WHOLE)
  const said: string[] = []
  const warn = (text: string): void => void said.push(text)
  const again = await run(home, undefined, 'signal', SHORT, warn)
  assert.deepEqual(again, [], 'it has been told to its end')
  assert.match(
    said.join('\n'),
    /^--state: .* told this market to its end, day 0\.2; .* larger --days$/,
  )
  const longer = await run(home, undefined, 'signal', { ...SHORT, days: 0.25 })
  const all = [...simulate({ ...SHORT, days: 0.25 })].flat().map(line => line.raw)
  assert.deepEqual([...WHOLE, ...longer], all)
})

test('with a reader that went away the last lines come again and none is missing', async t => {
  for (const how of ['reader', 'return'] as const) {
    const home = makeHome(t)
    const first = await run(home, 6000, how)
    const rest = await run(home)
    const repeated = first.length + rest.length - WHOLE.length
    assert.ok(repeated >= 4096 && repeated < 6000, `${how}: ${repeated}`)
    assert.deepEqual([...first.slice(0, first.length - repeated), ...rest], WHOLE)
  }
})

test('another market, a damaged file and a second run are refused', async t => {
  const home = makeHome(t)
  await run(home, 10)
  for (const other of [{ seed: '2' }, { tokensPerHour: 3 }, { startAt: 0 }, { turnDay: 1 }])
    assert.throws(() => makeSimSource({ ...SHORT, ...other }, home), UsageError)
  const path = join(home, 'sim.json')
  const good = readFileSync(path, 'utf8')
  writeFileSync(path, good.replace(/"id":"[^"]*"/, '"id":"tick:7"'))
  await assert.rejects(run(home), /another version/)
  for (const bad of ['', '{}', good.slice(0, -9), 'null']) {
    writeFileSync(path, bad)
    assert.throws(() => makeSimSource(SHORT, home), DataError)
  }
  writeFileSync(path, good)
  const busy = spawn('discover', `${SIM} --speed 1 --state ${home}/busy`.split(' '), {
    env: testEnv(home),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await new Promise(resolve => busy.stdout?.once('data', resolve))
  assert.throws(() => makeSimSource(SHORT, join(home, 'busy')), TemporaryError)
  busy.kill('SIGKILL')
})

const SIM = '--source sim --seed kill --days 0.3 --tokens-per-hour 10 --quiet'

test('killed with -9 with all that reads it, a journal has every line once', {
  timeout: 120_000,
}, async t => {
  const home = makeHome(t)
  const env = { SLUICE_JOURNAL_MIN_FREE: '1MB' }
  const line = `discover ${SIM} --speed 1800 --state ${home}/sim | journal events > /dev/null`
  const path = `${home}/sim/sim.json`
  const told = (): number =>
    existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).toldTs : OPTIONS.startAt
  let before = told()
  for (let i = 0; i < 4; i++) {
    const child = spawn('bash', ['-c', line], {
      env: testEnv(home, env),
      detached: true,
      stdio: 'ignore',
    })
    // A while after it got further than the run before it, which a market begun anew does not soon.
    for (let waited = 0; told() <= before && waited < 20_000; waited += 20)
      await new Promise(resolve => setTimeout(resolve, 20))
    await new Promise(resolve => setTimeout(resolve, 300))
    process.kill(-child.pid!, 'SIGKILL')
    assert.ok(told() > before, 'it has not begun anew')
    before = told()
  }
  const last = await sh(`discover ${SIM} --state ${home}/sim | journal events > /dev/null`, {
    home,
    env,
  })
  assert.equal(last.code, 0, last.stderr)
  const same = await sh(
    `cmp <(sed 's/,"checksum":"[0-9a-f.]*"}$/}/' ${home}/journal/events/*.ndjson) \
      <(discover ${SIM}) && echo same`,
    { home },
  )
  assert.equal(same.stdout, 'same\n', same.stderr)
})
