import assert from 'node:assert/strict'
import { test } from 'node:test'
import gate from '../../../cmd/gate.ts'
import { joinGroups } from '../../../lib/base/flag-groups.ts'
import { duration, type Flags, int, kebab, num } from '../../../lib/base/flags.ts'
import { parseArgv } from '../../../lib/cli/argv.ts'
import { makeGate } from '../../../lib/decide/gate.ts'
import { type GateRule, gateRule } from '../../../lib/decide/gate-case.ts'
import { gateGroups } from '../../../lib/decide/gate-flags.ts'
import { gatePlan } from '../../../lib/decide/gate-plan.ts'
import { GATE_RULES } from '../../../lib/decide/gate-rules.ts'
import { atLeast, holds } from '../../../lib/decide/rule.ts'
import { bindRules, ruleFlags } from '../../../lib/decide/rule-table.ts'
import { tradeRule } from '../../../lib/decide/trade-case.ts'
import { TRADE_RULES } from '../../../lib/decide/trade-rules.ts'
import { sectionOf } from '../../../lib/dev/docs/docs-rules.ts'
import { makeExecute } from '../../../lib/trade/execute/execute.ts'
import { executeGroups } from '../../../lib/trade/execute/execute-flags.ts'
import { executeOptions } from '../../../lib/trade/execute/execute-plan.ts'
import { buyNow, market, T } from '../../kit/market-lines.ts'
import { runStep } from '../../kit/step.ts'

/** Two made-up rules: one that is on, one that is off unless its flag is given. */
const volume = gateRule({
  name: 'volume',
  doc: 'the own part tells a volume of at least --min-volume',
  unit: 'USD',
  reason: 'too-quiet',
  unknown: 'no other program told a volume',
  flags: { minVolume: num('least volume', { default: 100, min: 0 }) },
  judge: ({ line }, { minVolume }) =>
    atLeast((line.desk as { volume?: number } | undefined)?.volume, minVolume),
})
const hours = gateRule({
  name: 'hours',
  doc: 'the hour of the day is at least --from-hour',
  unit: 'h',
  on: false,
  unknown: 'never',
  flags: { fromHour: int('first hour to buy in', { min: 0, max: 23 }) },
  judge: ({ ts }, { fromHour = 0 }) => atLeast(new Date(ts).getUTCHours(), fromHour),
})
const TABLE: readonly GateRule[] = [volume, hours]

const valuesWith = (groups: Record<string, Flags>, given: object): any => ({
  ...Object.fromEntries(Object.entries(joinGroups(groups)).map(([k, f]) => [k, f.default])),
  ...given,
})
const planWith = (given: object = {}, table = TABLE) =>
  gatePlan(valuesWith(gateGroups(table), given), table)

const tick = (id: string, ts: number, mint: string, parts: object): string =>
  JSON.stringify({ v: 1, id, ts, kind: 'tick', mint, source: 'test', ...parts })
const line = (parts: object = {}, ts = T): string =>
  tick(`tick:${ts}`, ts, 'M', { score: { dl: { value: 0.9, at: ts } }, ...parts })
async function decisions(lines: string[], given: object = {}, table = TABLE): Promise<any[]> {
  const plan = planWith({ weights: ['dl=1'], explain: true, ...given }, table)
  const step = makeGate({ plan, onlyPassed: false, maxTokens: 10, count: () => undefined })
  return (await runStep(step, lines)).map(raw => JSON.parse(raw).decision)
}
const lastOf = async (...args: Parameters<typeof decisions>) => (await decisions(...args)).at(-1)

test('flags and choices of --without are those of the table', () => {
  const rules = gateGroups(TABLE).Rules
  assert.deepEqual(Object.keys(rules), ['minVolume', 'fromHour', 'without'])
  assert.deepEqual(rules.without.choices, ['volume', 'hours'])
  assert.equal((rules as Flags).minVolume, volume.flags.minVolume)
  const command = { ...gate, flags: joinGroups(gateGroups(TABLE)) }
  const given = parseArgv(command as never, command.flags, ['--min-volume', '5'])
  assert.deepEqual([...given.flags], [['minVolume', '5']])
  assert.throws(
    () => parseArgv(command as never, command.flags, ['--min-volum', '5']),
    /unknown flag --min-volum.*--min-volume/,
  )
})

test('a rule judges by its own limits, and its own word stands in the reasons', async () => {
  const rich = { desk: { volume: 100 } }
  assert.deepEqual((await lastOf([line(rich)])).reasons, [])
  const poor = await lastOf([line(rich)], { minVolume: 101 })
  assert.deepEqual([poor.act, poor.reasons], ['drop', ['too-quiet']])
  assert.deepEqual(poor.rules[0], { rule: 'volume', result: 'fail', value: 100, limit: 101 })
  assert.deepEqual(
    (await lastOf([line(rich)], { minVolume: 101, without: ['volume'] })).reasons,
    [],
  )
})

test('what cannot be judged is told by name and is not a pass', async () => {
  const decision = await lastOf([line()])
  assert.deepEqual([decision.act, decision.reasons, decision.unknown], ['buy', [], ['volume']])
  assert.deepEqual(decision.rules[0], { rule: 'volume', result: 'unknown', limit: 100 })
})

test('a rule that is off applies only when its flag is given', async () => {
  // T is 00:30 UTC.
  const off = await lastOf([line({ desk: { volume: 100 } })])
  assert.deepEqual(off.rules[1], { rule: 'hours', result: 'pass' })
  const on = await lastOf([line({ desk: { volume: 100 } })], { fromHour: 1 })
  assert.deepEqual(on.rules[1], { rule: 'hours', result: 'fail', value: 0, limit: 1 })
  assert.deepEqual(on.reasons, ['hours'])
})

test('the hash is over the rules that apply and their limits', () => {
  const plain = planWith().config
  assert.equal(planWith({ explain: true, maxTokens: 5, onlyPassed: true }).config, plain)
  assert.equal(planWith({}, [volume]).config, plain, 'a rule that is off changes no decision')
  const others = [
    planWith({ minVolume: 101 }).config,
    planWith({ fromHour: 0 }).config,
    planWith({ fromHour: 1 }).config,
    planWith({ without: ['volume'] }).config,
    planWith({}, [{ ...volume, version: '2' } as GateRule, hours]).config,
    planWith({}, [hours]).config,
  ]
  // Leaving a rule out and not having it are the same decisions.
  assert.equal(others[3], others[5])
  assert.equal(new Set([plain, ...others]).size, 6)
  assert.equal(
    planWith({ without: ['volume'] }).config,
    planWith({ without: ['volume'], minVolume: 7 }).config,
    'the limit of a rule that is left out decides nothing',
  )
})

test('a table that contradicts itself is refused by name', () => {
  const other = { ...hours, name: 'late', flags: { fromHour: int('first hour') } } as GateRule
  assert.throws(() => gateGroups([hours, other]), /rule late: --from-hour has another meaning/)
  const taken = { ...hours, flags: { maxAge: duration('oldest') } } as unknown as GateRule
  assert.throws(() => gateGroups([taken]), /rule hours: --max-age has another meaning already/)
  const without = { ...hours, flags: { without: int('x') } } as unknown as GateRule
  assert.throws(() => gateGroups([without]), /rule hours: --without has another meaning already/)
  assert.throws(() => gateGroups([hours, hours]), /rule hours: there is one of this name already/)
  const stuck = { ...volume, on: false } as GateRule
  assert.throws(() => gateGroups([stuck]), /rule volume: off, and none of its flags could switch/)
  assert.throws(
    () => bindRules(TABLE, {}, ['volumes']),
    /--without: expected any of volume, hours, got volumes/,
  )
})

test('a value that nobody gave is the default of the declaration', () => {
  assert.deepEqual(bindRules(TABLE, {})[0]?.limits, { minVolume: 100 })
})

test('a rule sees event time, strategies, own parts, and the token’s newest features', async () => {
  const seen: any[] = []
  const spy = gateRule({
    name: 'spy',
    doc: 'always holds',
    unit: 'boolean',
    unknown: 'never',
    judge(facts) {
      seen.push(structuredClone(facts))
      return holds(true)
    },
  })
  const set = (n: number) => ({ hash: 'h', ready: true, values: { n } })
  const strategy = { mine: { signal: 'buy', confidence: 0.9, reasons: [] } }
  await decisions(
    [
      tick('a', T, 'M', { features: { candle: set(1), pool: set(2) } }),
      tick('b', T, 'N', { features: { candle: set(9) } }),
      line({ features: { pool: set(3) }, strategy, desk: { volume: 7 } }, T + 60_000),
      line({ features: {} }, T + 60_001),
    ],
    {},
    [spy],
  )
  assert.equal(seen.length, 2)
  const [first, second] = seen
  assert.deepEqual([first.ts, first.strategies], [T + 60_000, strategy])
  assert.deepEqual([first.line.id, first.line.desk], [`tick:${T + 60_000}`, { volume: 7 }])
  assert.deepEqual(first.features, { candle: set(1), pool: set(3) })
  // One millisecond later the candle features are older than --max-age: unknown, not old news.
  assert.deepEqual(second.features, { pool: set(3) })
})

test('execute: an own rule sees the decision line; what it cannot judge is refused', async () => {
  const near = tradeRule({
    name: 'near',
    doc: 'the own part says near',
    unit: 'boolean',
    unknown: 'no other program said so',
    judge: ({ ts, line, decision }) => {
      assert.deepEqual([ts, decision.act], [T, 'buy'])
      return holds((line.desk as { near?: boolean } | undefined)?.near)
    },
  })
  const table = [...TRADE_RULES, near]
  const ordersFor = async (parts: object): Promise<any> => {
    const flags = valuesWith(executeGroups(table), {})
    const step = makeExecute({
      ...executeOptions(flags, '/nonexistent', table),
      count: () => undefined,
      warn: () => undefined,
    })
    const out = await runStep(step, [
      market(T, 206_900_000_000_000n, 79_000_000_000n, { ...buyNow(), ...parts }),
    ])
    return JSON.parse(out[0]!).order
  }
  assert.equal((await ordersFor({ desk: { near: true } })).state, 'planned')
  for (const parts of [{ desk: { near: false } }, {}]) {
    const { state, reasons } = await ordersFor(parts)
    assert.deepEqual([state, reasons], ['refused', ['near']])
  }
})

test('every rule of ours says what it asks, in which unit, and what unknown means', () => {
  for (const rule of [...GATE_RULES, ...TRADE_RULES]) {
    assert.match(rule.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    for (const words of [rule.doc, rule.unit, rule.unknown])
      assert.ok(words.length > 0 && !words.endsWith('.'), `${rule.name}: ${words}`)
    const own = Object.keys(ruleFlags([rule] as readonly GateRule[], {}))
    for (const [, flag] of rule.doc.matchAll(/--([a-z0-9-]+)/g))
      assert.ok(own.map(kebab).includes(flag!), `${rule.name} names --${flag}`)
  }
})

test('the reference holds every rule: what it asks, when unknown, how switched on', () => {
  assert.equal(
    sectionOf('gate', TABLE),
    [
      '### rules of gate\n',
      '| rule | passes when | unit | unknown when | flags |',
      '|---|---|---|---|---|',
      `| \`volume\` | ${volume.doc} | USD | ${volume.unknown} | \`--min-volume N\` |`,
      `| \`hours\` | ${hours.doc} | h | never | \`--from-hour N\`; off unless given |`,
    ].join('\n'),
  )
})
