import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Done, makeHome, sh, sluice } from '../../kit/proc.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-plugins-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Whatever a plugin may add, in one file. */
const MINE = `export default sluice => {
  const { flags, opinion, hold, atLeast, featureSet, makeLine } = sluice
  const pace = featureSet({ name: 'pace', kinds: ['market'], rows: \`
seen@1 | count | 1 market | market
  market lines of the token so far\` })
  return {
    version: '1.0',
    strategies: [{
      name: 'every-nth', version: 1, doc: 'buys at every nth bar',
      flags: { nth: flags.int('bars between two buys', { default: 2, min: 1 }) },
      make: ({ nth }) => {
        let bars = 0
        return { update: () => ++bars % nth === 0 ? opinion('buy', 0.9, ['nth']) : hold() }
      },
    }],
    gateRules: [{
      name: 'market-cap', doc: 'market cap is at least --min-market-cap', unit: 'USD', on: false,
      unknown: 'nobody has told market.marketCapUsd',
      flags: { minMarketCap: flags.num('least market cap; off unless given', { min: 0 }) },
      judge: ({ market }, { minMarketCap = 0 }) => atLeast(market?.marketCapUsd, minMarketCap),
    }],
    tradeRules: [{
      name: 'odd-hours', doc: 'the hour is below --before', unit: 'hours', on: false,
      unknown: 'never', flags: { before: flags.int('hour of day', { min: 0, max: 24 }) },
      judge: ({ ts }, { before = 24 }) => sluice.atMost(new Date(ts).getUTCHours(), before - 1),
    }],
    families: [{
      sets: [pace],
      flags: { paceFrom: flags.int('where the set pace begins to count', { default: 0 }) },
      make: ({ paceFrom }) => {
        let seen = paceFrom
        return {
          see: (rec, entries) => {
            if (rec.kind !== 'market') return
            seen++
            entries.pace = { hash: pace.hash, ready: true, values: { seen } }
          },
          visit: tape => { seen = tape.number(seen) },
        }
      },
    }],
    sources: [{
      name: 'beats', summary: 'a candle a minute', gives: ['candle'], needs: 'nothing',
      flags: { beats: flags.int('candles', { default: 4 }) }, hasFiles: false,
      make: ({ flags: { beats } }) => ({
        async *lines(signal) {
          for (let i = 1; i <= beats && !signal.aborted; i++)
            yield [makeLine({ v: 1, id: 'beat:' + i, ts: i * 60000, kind: 'candle', mint: 'CAT',
              pool: 'P', source: 'beats', candle: { intervalMs: 60000, openAt: (i - 1) * 60000,
              open: 1, high: 1, low: 1, close: 1, volume: 1, trades: 1, currency: 'sol' } })]
        },
      }),
    }],
  }
}
`
const plugin = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const mine = plugin('mine.mjs', MINE)
const shaOf = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')

/** A home whose configuration names plugins. */
function homeWith(t: { after(fn: () => void): void }, config: object): string {
  const home = makeHome(t)
  writeFileSync(join(home, 'config.json'), JSON.stringify(config))
  return home
}
const lines = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
const bars = (n: number): string =>
  Array.from(
    { length: n },
    (_, i) =>
      `{"v":1,"id":"bar:${i}","ts":${(i + 1) * 60_000},"kind":"candle","mint":"CAT","pool":"P",` +
      `"source":"t","candle":{"intervalMs":60000,"openAt":${i * 60_000},"open":1,"high":1,` +
      `"low":1,"close":1,"volume":1,"trades":1,"currency":"sol"}}\n`,
  ).join('')
const CAP = '{"v":1,"id":"m","ts":60000,"kind":"market","mint":"CAT","pool":"P","source":"t",'
const SCORE = '"score":{"x":{"value":1,"at":60000}}'
const market = `${CAP}"market":{"dex":"pumpswap","marketCapUsd":5},${SCORE}}\n`
const refused = (done: Done, message: RegExp): void => {
  assert.equal(done.code, 2, done.stderr)
  assert.equal(done.stdout, '')
  assert.match(done.stderr, message)
  assert.equal(done.stderr.split('\n').length, 2, done.stderr)
}

test('a strategy of a plugin takes part with its flag, and the hash is told once', async () => {
  const use = ['--plugin', mine, '--use', 'every-nth', '--nth', '3', '--quiet']
  const done = await sluice(['strategy', ...use], { input: bars(3) })
  assert.equal(done.stderr, `plugin ${mine}: sha256 ${shaOf(mine)}\n`)
  const said = lines(done.stdout).map(({ strategy }) => strategy['every-nth'].signal)
  assert.deepEqual(said, ['hold', 'hold', 'buy'])
  const words = `strategy ${use.slice(0, -1).join(' ')} | gate --plugin ${mine}`
  const fused = await sluice(['run', '--quiet', words], { input: bars(3) })
  assert.equal(fused.stderr, `plugin ${mine}: sha256 ${shaOf(mine)}\n`)
  assert.deepEqual(
    lines(fused.stdout).map(({ strategy }) => strategy['every-nth'].signal),
    said,
  )
})

test('a rule of gate and one of execute are rules like ours', async () => {
  const gate = (more: string[]) =>
    sluice(['gate', '--plugin', mine, '--weights', 'x=1', '--explain', ...more], { input: market })
  const [low, high, off] = [
    await gate(['--min-market-cap', '6']),
    await gate(['--min-market-cap', '5']),
    await gate(['--min-market-cap', '6', '--without', 'market-cap']),
  ]
  const [{ decision }] = lines(low.stdout)
  assert.ok(decision.reasons.includes('market-cap'), low.stdout)
  assert.deepEqual(
    decision.rules.find(({ rule }: { rule: string }) => rule === 'market-cap'),
    { rule: 'market-cap', result: 'fail', value: 5, limit: 6 },
  )
  assert.ok(!lines(high.stdout)[0].decision.reasons.includes('market-cap'))
  assert.ok(!off.stdout.includes('market-cap'))
  const without = RULES.join(',')
  const pipe = (more: string) =>
    `gate --weights x=1 --without ${without} | execute --plugin ${mine} ${more}`
  const early = await sluice(['run', pipe('--before 0')], { input: market })
  assert.match(early.stdout, /"state":"refused".*odd-hours/)
  const later = await sluice(['run', pipe('--before 1')], { input: market })
  assert.doesNotMatch(later.stdout, /odd-hours/)
})
const RULES = ['mint', 'freeze', 'lp-burned', 'holders', 'top10', 'regime']

test('a feature set and a source of a plugin are a set and a source', async () => {
  const set = await sluice(['features', '--plugin', mine, '--sets', 'pace,pool'], { input: market })
  const [{ features }] = lines(set.stdout)
  assert.deepEqual(features.pace.values, { seen: 1 })
  // "seen@1:count", hashed with coreutils sha256sum.
  assert.equal(features.pace.hash, '7ca912f900af')
  const flagged = ['features', '--plugin', mine, '--sets', 'pace', '--pace-from', '40']
  const later = await sluice(flagged, { input: market })
  assert.deepEqual(lines(later.stdout)[0].features.pace.values, { seen: 41 })
  const made = await sluice(['discover', '--plugin', mine, '--source', 'beats', '--beats', '2'])
  assert.deepEqual(
    lines(made.stdout).map(({ id }) => id),
    ['beat:1', 'beat:2'],
  )
  const foreign = await sluice(['discover', '--plugin', mine, '--source', 'beats', '--days', '1'])
  assert.match(foreign.stderr, /--days is for --source sim, not beats/)
})

test('a state of a plugin set goes on, and not under other bytes or flags of it', async t => {
  const home = makeHome(t)
  const run = (file: string, ...more: string[]) =>
    sluice(
      [
        ...['features', '--plugin', file, '--sets', 'pace', '--every', '0'],
        ...['--state', join(home, 's'), ...more],
      ],
      { input: market, home },
    )
  await run(mine)
  const again = await run(mine)
  assert.deepEqual(lines(again.stdout)[0].features.pace.values, { seen: 2 })
  assert.match((await run(mine, '--pace-from', '7')).stderr, /made with other sets or flags/)
  const other = join(folder, 'other')
  mkdirSync(other, { recursive: true })
  writeFileSync(join(other, 'mine.mjs'), `${MINE}//\n`)
  const changed = await run(join(other, 'mine.mjs'))
  assert.equal(changed.code, 3, changed.stderr)
  assert.match(changed.stderr, /made with other sets or flags/)
})

test('help shows what a plugin adds where it is named, and loads nothing otherwise', async t => {
  const shown = await sluice(['gate', '--plugin', mine, '--help'])
  assert.match(shown.stdout, /--min-market-cap N/)
  const broken = plugin('broken.mjs', 'throw new Error("loaded")')
  const home = homeWith(t, { plugins: { [broken]: shaOf(broken) } })
  const quiet = await sluice(['gate', '--help'], { home })
  assert.equal(quiet.code, 0, quiet.stderr)
  refused(await sluice(['gate'], { home, input: '' }), /^gate: plugin broken\.mjs: loaded/)
})

test('the configuration names plugins by path or name and hash', async t => {
  const home = homeWith(t, {
    plugins: { mine: shaOf(mine) },
    gate: { minMarketCap: 6, weights: ['x=1'] },
  })
  mkdirSync(join(home, 'plugins'))
  writeFileSync(join(home, 'plugins', 'mine.mjs'), MINE)
  const done = await sluice(['gate', '--quiet'], { home, input: market })
  assert.equal(done.stderr, '')
  assert.ok(lines(done.stdout)[0].decision.reasons.includes('market-cap'), done.stdout)
  const config = await sluice(['config', 'gate'], { home })
  assert.match(config.stdout, /"setting":"minMarketCap","value":6,"from":"config"/)
  writeFileSync(join(home, 'plugins', 'mine.mjs'), `${MINE}//\n`)
  const changed = shaOf(join(home, 'plugins', 'mine.mjs'))
  refused(
    await sluice(['gate'], { home, input: market }),
    new RegExp(`plugins: mine is ${changed}, expected ${shaOf(mine)}`),
  )
  const other = homeWith(t, { plugins: { './mine.mjs': shaOf(mine) } })
  refused(await sluice(['gate'], { home: other, input: '' }), /expected an absolute path, or/)
  const short = homeWith(t, { plugins: { [mine]: 'abc' } })
  refused(await sluice(['gate'], { home: short, input: '' }), /expected the sha256 .* got "abc"/)
})

test('a file that only lies in the home is not run; a bare name is looked up there', async t => {
  const home = makeHome(t)
  mkdirSync(join(home, 'plugins'))
  writeFileSync(join(home, 'plugins', 'bad.mjs'), 'throw new Error("loaded")')
  const idle = await sluice(['gate'], { home, input: market })
  assert.equal(idle.code, 0, idle.stderr)
  refused(await sluice(['gate', '--plugin', 'bad'], { home, input: '' }), /bad\.mjs: loaded/)
  refused(await sluice(['gate', '--plugin', 'none'], { home, input: '' }), /no plugin none in/)
  const env = { SLUICE_GATE_PLUGIN: 'bad' }
  refused(await sluice(['gate'], { home, env, input: '' }), /SLUICE_GATE_PLUGIN: plugins are named/)
})

test('trading for real takes only plugins of the configuration', async t => {
  const home = makeHome(t)
  const live = await sluice(['execute', '--live', '--plugin', mine], { home, input: '' })
  refused(live, new RegExp(`takes only plugins that config\\.json names: .*${shaOf(mine)}`))
  const named = homeWith(t, { plugins: { [mine]: shaOf(mine) } })
  const goesOn = await sluice(['execute', '--live', '--plugin', mine], { home: named, input: '' })
  assert.match(goesOn.stderr, /config\.json: live/)
})

const DECLARED: [string, string, RegExp][] = [
  ['no-function', 'export default 3', /export default: expected a function .* got 3/],
  ['no-default', 'export const a = 1', /export default: expected a function .* got nothing/],
  [
    'throws',
    'export default () => { throw new Error("two\\nlines") }',
    /throws\.mjs: two\?|two\\n/,
  ],
  ['syntax', 'const a = 1\nexport defalt', /syntax\.mjs: (line 2: )?Unexpected/],
  ['imports', 'import "./mine.mjs"', /imports\.mjs: .*mine\.mjs/],
  ['no-version', 'export default () => ({})', /version: expected a version like 1\.0, got nothing/],
  ['promise', 'export default async () => ({version: "1"})', /version: expected .* got nothing/],
  ['stray', 'export default () => ({version: "1", strategy: []})', /key "strategy"/],
  [
    'no-make',
    'export default () => ({version: "1", strategies: [{name: "a", version: 1, doc: "b"}]})',
    /^gate: plugin no-make\.mjs: strategies\[0\]\.make: expected a function, got nothing/,
  ],
  [
    'same-rule',
    'export default () => ({version: "1", gateRules: [{name: "mint", doc: "b", unit: "c", ' +
      'unknown: "d", judge: () => 1}]})',
    /plugin same-rule: rule mint: there is one of this name already/,
  ],
  [
    'same-flag',
    'export default s => ({version: "1", gateRules: [{name: "my-mint", doc: "b", unit: "c", ' +
      'unknown: "d", flags: {quiet: s.flags.bool("e")}, judge: () => 1}]})',
    /plugin same-flag: --quiet has another meaning already/,
  ],
]
for (const [name, text, message] of DECLARED)
  test(`a plugin that is no plugin is refused with one line: ${name}`, async () => {
    refused(await sluice(['gate', '--plugin', plugin(`${name}.mjs`, text)], { input: '' }), message)
  })

const RUNNING: [string, string, RegExp][] = [
  ['judge: () => { throw new Error("boom") }', market, /rule odd: boom/],
  ['judge: () => true', market, /rule odd: expected \{result: .*got true/],
  ['judge: () => ({result: "pass", value: NaN})', market, /passes what is not a number/],
]
for (const [judge, input, message] of RUNNING)
  test(`a rule that goes wrong while running ends the run with its name: ${judge}`, async () => {
    const text = `export default () => ({version: "1", gateRules: [{name: "odd", doc: "b",
      unit: "c", unknown: "d", ${judge}}]})`
    const file = plugin('odd.mjs', text)
    const done = await sluice(['gate', '--quiet', '--weights', 'x=1', '--plugin', file], { input })
    assert.equal(done.code, 2, done.stderr)
    assert.match(done.stderr, message)
  })

test('a file that others own or can write is not run', async t => {
  const open = plugin('open.mjs', MINE)
  chmodSync(open, 0o666)
  refused(await sluice(['gate', '--plugin', open], { input: '' }), /can be written by others/)
  const link = join(folder, 'link.mjs')
  symlinkSync(open, link)
  refused(await sluice(['gate', '--plugin', link], { input: '' }), /can be written by others/)
  refused(await sluice(['gate', '--plugin', folder], { input: '' }), /expected a file of/)
  refused(
    await sluice(['gate', '--plugin', join(folder, 'no.mjs')], { input: '' }),
    /no\.mjs: cannot be read: ENOENT/,
  )
  if (process.getuid?.() !== 0) return t.skip('only root can give a file away')
  const foreign = plugin('foreign.mjs', MINE)
  chownSync(foreign, 65_534, 65_534)
  refused(await sluice(['gate', '--plugin', foreign], { input: '' }), /belongs to somebody else/)
})

test('TypeScript is taken where Node can read it, and refused with one line below', async () => {
  const typed = plugin('typed.ts', MINE.replace('let bars = 0', 'let bars: number = 0'))
  const done = await sluice(['strategy', '--plugin', typed, '--use', 'every-nth'], {
    input: bars(2),
  })
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) assert.equal(done.code, 0, done.stderr)
  else refused(done, /typed\.ts: TypeScript needs Node 22\.18 or later, this is /)
})

test('other bytes of a plugin are another configuration of the decisions behind it', async () => {
  const configs: Record<string, Set<string>> = {}
  for (const [i, text] of [MINE, MINE, `${MINE}//\n`].entries()) {
    mkdirSync(join(folder, String(i)))
    const file = plugin(join(String(i), 'mine.mjs'), text)
    for (const [what, words] of Object.entries({
      strategy: `strategy --plugin ${file} --use every-nth | gate`,
      gate: `gate --plugin ${file} --min-market-cap 1`,
      features: `features --plugin ${file} --sets pace --every 0 | gate`,
      source: `discover --plugin ${file} --source beats --beats 60 | strategy | gate`,
      unused: `strategy --plugin ${file} | gate`,
    })) {
      const input = market + bars(60).replaceAll('bar:', 'b:')
      const done = await sluice(['run', words], { input })
      assert.equal(done.code, 0, done.stderr)
      const found = lines(done.stdout).flatMap(({ decision }) => decision?.config ?? [])
      assert.ok(found.length > 0, what)
      configs[what] = new Set([...(configs[what] ?? []), ...found])
    }
  }
  const sizes = Object.entries(configs).map(([what, { size }]) => [what, size])
  assert.deepEqual(Object.fromEntries(sizes), {
    strategy: 2,
    gate: 2,
    features: 2,
    source: 2,
    unused: 1,
  })
})

test('the pipe and the fused run say the same where gate has the plugin', async () => {
  const words = `gate --plugin ${mine} --min-market-cap 1 --weights x=1`
  const alone = await sh(`sluice ${words}`, { input: market })
  const fused = await sluice(['run', words], { input: market })
  assert.equal(fused.stdout, alone.stdout)
})

test('a backtest refuses a plugin that does not say the same again', async () => {
  const csv = join(folder, 'BTCUSDT.csv')
  const rows = Array.from({ length: 60 }, (_, i) => `${1_733_011_200_000 + i * 300_000},1,1,1,1,1`)
  writeFileSync(csv, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const backtest = (file: string, use: string) =>
    sluice(['backtest', '--on', csv, `strategy --plugin ${file} --use ${use} | gate | execute`])
  const random = plugin(
    'random.mjs',
    `export default ({ opinion }) => ({ version: '1', strategies: [{ name: 'random', version: 1,
      doc: 'a', make: () => ({ update: () => opinion('buy', Math.random(), []) }) }] })`,
  )
  const done = await backtest(random, 'random')
  assert.equal(done.code, 2, done.stderr)
  assert.match(done.stderr, /random: said something else when it saw the same 1000 lines again/)
  const steady = await backtest(mine, 'every-nth')
  assert.equal(steady.code, 0, steady.stderr)
})

test('a backtest tries twice what a configured plugin says, where it is used', async t => {
  const csv = join(folder, 'ETHUSDT.csv')
  const rows = Array.from({ length: 60 }, (_, i) => `${1_733_011_200_000 + i * 300_000},1,1,1,1,1`)
  writeFileSync(csv, `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const named = plugin(
    'named.mjs',
    `export default ({ opinion }) => ({ version: '1', strategies: [{ name: 'chance', version: 1,
      doc: 'a', make: () => ({ update: () => opinion('buy', Math.random(), []) }) }] })`,
  )
  const home = homeWith(t, { plugins: { [named]: shaOf(named) } })
  const done = await sluice(['backtest', '--on', csv, 'strategy --use chance | gate | execute'], {
    home,
  })
  assert.equal(done.code, 2, done.stderr)
  assert.match(done.stderr, /said something else when it saw the same 1000 lines again/)
  const unused = await sluice(['backtest', '--on', csv, 'strategy --use dca | gate | execute'], {
    home,
  })
  assert.equal(unused.code, 0, unused.stderr)
})

test('a plugin imports nothing that its hash says nothing of', async () => {
  const helper = plugin('helper.mjs', 'export const five = 5')
  const cases: [string, string][] = [
    [`import { five } from 'file://${helper}'\n${MINE}`, 'line 1'],
    [`import fs from 'node:fs'\nimport 'FILE://${helper}'\n${MINE}`, 'line 2'],
    [`${MINE}\nawait import('file://${helper}')`, `line ${MINE.split('\n').length + 1}`],
    [`${MINE}\nawait import(process.argv[0])`, `line ${MINE.split('\n').length + 1}`],
    [`export * from "data:text/javascript,0"\n${MINE}`, 'line 1'],
  ]
  for (const [i, [text, line]] of cases.entries()) {
    const file = plugin(`importing${i}.mjs`, text)
    const done = await sluice(['gate', '--plugin', file], { input: '' })
    refused(done, new RegExp(`importing${i}\\.mjs: ${line}: imports by address`))
  }
  const allowed = plugin(
    'allowed.mjs',
    `import fs from 'node:fs'\nimport 'node:path'\nawait import('node:url')\n${MINE}`,
  )
  const done = await sluice(['gate', '--plugin', allowed, '--quiet'], { input: '' })
  assert.equal(done.code, 0, done.stderr)
})

test('a set of a plugin stands in export and bundle with its own versions and units', async t => {
  const home = makeHome(t)
  const text = MINE.replace('seen@1 | count', 'seen@3 | lines')
  const file = join(home, 'paced.mjs')
  writeFileSync(file, text)
  // "seen@3:lines", hashed with coreutils sha256sum.
  const hash = '8501cf849e5c'
  const labelled = Array.from({ length: 600 }, (_, i) => {
    const ts = 1_700_000_000_000 + i * 3_600_000
    const label = { horizon: 'h1', availableAt: ts + 3_600_000, profitable: i % 3 === 0 }
    const pace = { hash, ready: true, values: { seen: i % 7 } }
    return JSON.stringify({
      v: 1,
      id: `l${i}`,
      ts,
      kind: 'market',
      mint: `M${i}`,
      source: 't',
      label: { ...label, censored: false, return: (i % 11) / 100 },
      features: { pace },
    })
  }).join('\n')
  const plugged = ['--plugin', file, '--out', join(home, 'export'), '--quiet']
  const exported = await sluice(['train-export', ...plugged], { input: `${labelled}\n`, home })
  assert.equal(exported.code, 0, exported.stderr)
  const trained = await sh(
    `cd ${home} && sluice train export --set pace --kind moon --algo logistic ` +
      '--label profitable --out own/pace/1',
    { home },
  )
  assert.equal(trained.code, 0, trained.stderr)
  const bundle = JSON.parse(readFileSync(join(home, 'own/pace/1/bundle.json'), 'utf8'))
  const [{ hash: served, features }] = bundle.inputs
  assert.deepEqual({ served, features }, { served: hash, features: ['seen@3:lines'] })
})
