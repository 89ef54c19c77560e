import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { GATE_RULES } from '../../../lib/decide/gate-rules.ts'
import { TRADE_RULES } from '../../../lib/decide/trade-rules.ts'
import { FAMILIES } from '../../../lib/features/sets.ts'
import { STRATEGIES } from '../../../lib/strategy/strategies.ts'
import { familyLaws } from '../../../lib/verify/family-laws.ts'
import { livelyLines, UNSET } from '../../../lib/verify/plugin-laws.ts'
import { GATE_FACTS, ruleLaws, TRADE_FACTS } from '../../../lib/verify/rule-laws.ts'
import { hostileCandles, strategyLaws } from '../../../lib/verify/strategy-laws.ts'
import type { Law } from '../../../lib/verify/stream-laws.ts'
import { type Done, sluice } from '../../kit/proc.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-laws-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let lines: string[]
before(async () => {
  lines = await livelyLines('ours')
  writeFileSync(join(folder, 'day.ndjson'), lines.slice(0, 2000).join('\n'))
})

async function holds(laws: readonly Law[]): Promise<void> {
  for (const { law, difference } of laws) assert.equal(await difference(), undefined, law)
}

for (const strategy of STRATEGIES)
  test(`our strategy ${strategy.name} keeps the laws of plugins`, () =>
    holds(strategyLaws({ bare: strategy, guarded: strategy }, hostileCandles('ours'), [1, 700])))
for (const rule of GATE_RULES)
  test(`our rule ${rule.name} of gate keeps them`, () => holds(ruleLaws(rule as never, GATE_FACTS)))
for (const rule of TRADE_RULES)
  test(`our rule ${rule.name} of execute keeps them`, () =>
    holds(ruleLaws(rule as never, TRADE_FACTS)))
for (const family of FAMILIES) {
  const names = family.sets.map(({ name }) => name).join(', ')
  // The simulator finds no arbitrage, so that set has its own tests.
  const skip = names === 'opportunity' ? 'no such lines' : false
  test(`our sets ${names} keep them`, { skip }, () =>
    holds(familyLaws(family as never, UNSET, lines, [1200, 5000])),
  )
}

const verify = (parts: string): Promise<Done> => {
  const path = join(folder, 'mine.mjs')
  writeFileSync(
    path,
    `let calls = 0
let last
export default ({ flags, opinion, hold, atLeast, PASS, featureSet, makeLine }) => {
  const pace = featureSet({ name: 'pace', kinds: ['market'], rows: \`
seen@1 | count | 1 market | market
  market lines so far\` })
  const strategy = update => [{ name: 'mine', version: 1, doc: 'a', make: () => update() }]
  const rule = judge => [{ name: 'mine', doc: 'a', unit: 'USD', unknown: 'no cap is told', judge }]
  const family = make => [{ sets: [pace], make }]
  const put = (rec, entries, seen) => {
    if (rec.kind === 'market') entries.pace = { hash: pace.hash, ready: true, values: { seen } }
  }
  const source = lines => [{ name: 'mine', summary: 'a', gives: ['tick'], needs: 'nothing',
    flags: {}, hasFiles: false, make: () => ({ lines }) }]
  const tick = (i, ts = i + 1) => makeLine({ v: 1, id: 't' + i, ts, kind: 'tick', source: 'x' })
  return { version: '1', ${parts} }
}
`,
  )
  const on = parts.startsWith('families') ? ['--on', join(folder, 'day.ndjson')] : []
  return sluice(['verify', 'plugin', path, '--cuts', '5', ...on])
}

const GOOD = `
  strategies: strategy(() => {
    let bars = 0
    return { update: ({ close }) => ++bars % 5 ? hold() : opinion('buy', close, ['fifth']) }
  }),
  gateRules: rule(({ market }) => atLeast(market?.marketCapUsd, 1)),
  families: family(() => {
    let seen = 0
    return { see: (rec, e) => put(rec, e, ++seen), visit: t => { seen = t.number(seen) } }
  }),
  sources: source(async function* (signal) {
    for (let i = 0; i < 10 && !signal.aborted; i++) yield [tick(i)]
  })`

test('a plugin that keeps the laws gets a row for each', async () => {
  const done = await verify(GOOD)
  assert.equal(done.code, 0, done.stderr)
  const rows = done.stdout
    .trim()
    .split('\n')
    .map(row => JSON.parse(row))
  assert.deepEqual(
    new Set(rows.map(({ of }) => of)),
    new Set(['plugin mine', 'strategy mine', 'rule mine', 'set pace', 'source mine']),
  )
  assert.deepEqual(
    rows.find(({ law }) => law === 'checkpoint'),
    {
      verified: 'plugin',
      of: 'set pace',
      law: 'checkpoint',
    },
  )
})

/** Plugins that break one law each, and what is said of them. */
const BROKEN: [string, string, RegExp][] = [
  [
    'state beyond a run',
    'strategies: strategy(() => ({ update: () => opinion("buy", ' + '(++calls % 97) / 100, []) }))',
    /strategy mine: replay: line \d+ is /,
  ],
  [
    'state beyond a token',
    'strategies: strategy(() => ({ update: (bar, ts) => {' +
      ' if (last?.ts > ts) last = undefined; const r = last?.close > 1 ? "buy" : "sell";' +
      ' last = { ts, close: bar.close }; return opinion(r, 0.5, []) } }))',
    /strategy mine: (replay|prefix|order): /,
  ],
  [
    'a bar changed',
    'strategies: strategy(() => ({ update: bar => { bar.close = 1; return hold() } }))',
    /strategy mine: bars: bar 1, which must not be changed: /,
  ],
  [
    'a confidence out of bounds',
    'strategies: strategy(() => ({ update: ({ close }) => ({ signal: ' +
      '"buy", confidence: close, reasons: [] }) }))',
    /strategy mine: says: plugin mine\.mjs: strategy mine: strategy\.mine\.confidence: /,
  ],
  ['silence', 'strategies: strategy(() => ({ update: () => undefined }))', /says nothing on all/],
  [
    'a lax rule',
    'gateRules: rule(({ market }) => market?.marketCapUsd < 9 ? ' + '{ result: "fail" } : PASS)',
    /rule mine: absent: passes a case without facts/,
  ],
  [
    'a rule that lets NaN pass',
    'gateRules: rule(({ market }) => market === undefined ? ' +
      '{ result: "unknown" } : market.marketCapUsd < 9 ? { result: "fail" } : PASS)',
    /rule mine: NaN: passes when market\.marketCapUsd is not a number/,
  ],
  [
    'a rule that changes its facts',
    'gateRules: rule(facts => { facts.ts = 1; return PASS })',
    /rule mine: frozen: .*rule mine: Cannot assign/,
  ],
  [
    'a rule that throws on absent facts',
    'gateRules: rule(({ market }) => ' + 'atLeast(market.marketCapUsd, 1))',
    /rule mine: frozen: .*marketCapUsd/,
  ],
  [
    'a rule with a memory',
    'gateRules: rule(({ market }) => ++calls % 2 ? PASS : { result: "fail" })',
    /rule mine: replay: two verdicts on the same facts/,
  ],
  [
    'counting all tokens as one',
    'families: family(() => ({ see: (rec, e) => put(rec, e, ++calls),' + ' visit: () => {} }))',
    /set pace: replay: line /,
  ],
  [
    'a state that is not saved',
    'families: family(() => { let seen = 0; return { see: (rec, e) => ' +
      'put(rec, e, ++seen), visit: () => {} } })',
    /set pace: checkpoint: line .* when its state is/,
  ],
  [
    'a value that is not declared',
    'families: family(() => ({ see: (rec, e) => { put(rec, e, 1); ' +
      'if (e.pace) e.pace.values.more = 1 }, visit: () => {} }))',
    /has a value more that it does not/,
  ],
  [
    'a value that is no number',
    'families: family(() => ({ see: (rec, e) => put(rec, e, 0 / 0), ' + 'visit: () => {} }))',
    /features\.pace\.values\.seen: /,
  ],
  [
    'a line changed',
    'families: family(() => ({ see: (rec, e) => { rec.ts = 1; put(rec, e, 1) }, ' +
      'visit: () => {} }))',
    /set pace: says: .*Cannot assign to read only/,
  ],
  [
    'ids twice',
    'sources: source(async function* () { yield [tick(1), tick(1)] })',
    /source mine: ids: line 2 has the id of an earlier one: t1/,
  ],
  [
    'time that goes back',
    'sources: source(async function* () { yield [tick(1, 9), tick(2, 8)] })',
    /source mine: time: line 2 is of 8, the one before of 9/,
  ],
  [
    'a line that is none',
    'sources: source(async function* () { yield [{ raw: "{}" }] })',
    /source mine: says: .*v: /,
  ],
  [
    'a source that does not end',
    'sources: source(async function* () { for (let i = 0; ; i++) ' + 'yield [tick(i)] })',
    /source mine: signal: goes on after it was told to end/,
  ],
  [
    'the clock',
    'sources: source(async function* () { Date.now(); yield [tick(1)] })',
    /plugin mine: clock and chance: it asks Date\.now; /,
  ],
  [
    'chance',
    'gateRules: rule(({ market }) => (Math.random(), new Date(), ' +
      'atLeast(market?.marketCapUsd, 1)))',
    /it asks Math\.random, new Date\(\); /,
  ],
]
for (const [what, parts, message] of BROKEN)
  test(`a plugin that breaks a law is told which: ${what}`, async () => {
    const done = await verify(parts)
    assert.equal(done.code, 1, `${done.stdout}${done.stderr}`)
    assert.match(done.stderr, message)
    assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr)
  })

test('what is no plugin is a wrong call', async () => {
  const done = await verify('strategies: [{}]')
  assert.equal(done.code, 2)
  assert.match(done.stderr, /plugin mine\.mjs: strategies\[0\]\.name: expected a name/)
  const clash = await verify('strategies: strategy(() => ({})).map(s => ({ ...s, name: "dca" }))')
  assert.match(clash.stderr, /plugin mine: strategy dca: there is one of this name already/)
})

test('the plugin of CONTRIBUTING keeps the laws', async () => {
  const [, text = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('CONTRIBUTING.md', 'utf8')) ?? []
  const path = join(folder, 'shown.mjs')
  writeFileSync(path, text)
  const done = await sluice(['verify', 'plugin', path])
  assert.equal(done.code, 0, done.stderr)
  for (const of of ['strategy dip', 'rule market-cap']) assert.ok(done.stdout.includes(of), of)
})
