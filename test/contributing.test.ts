import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/**
 * What CONTRIBUTING says of adding something is done in a copy of the sources: as many files are
 * touched as it says, the new thing works through the real command, and the contract tests find it.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
const COPIED = [
  'cmd',
  'lib',
  'test',
  'build.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'LICENSE',
]
const copy = mkdtempSync(join(tmpdir(), 'sluice-contributing-'))
const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
after(() => {
  for (const folder of [copy, home]) rmSync(folder, { recursive: true, force: true })
})

const at = (path: string): string => join(copy, path)
const write = (path: string, text: string): void => writeFileSync(at(path), text)
/** Puts text behind (or before) the one place where it belongs. */
function put(path: string, place: string, text: string, isBefore = false): void {
  const whole = readFileSync(at(path), 'utf8')
  assert.equal(whole.split(place).length, 2, `${path} has ${place} once`)
  write(
    path,
    whole.replace(place, () => (isBefore ? text + place : place + text)),
  )
}

const candle = (i: number, close: number): string =>
  `<< candle CAT ts=${i * 300_000} id=c${i} open=${close} high=${close} low=${close} close=${close}`

/** What a newcomer does, by section of CONTRIBUTING. Each `x` of its paths is the name here. */
const NEW: Record<string, { x: string; add(): void }> = {
  'A rule': {
    x: 'market-cap',
    add() {
      put(
        'lib/decide/gate-rules.ts',
        '\n] as const\n',
        `
  gateRule({
    name: 'market-cap',
    doc: 'value of all tokens is at least --min-market-cap',
    unit: 'USD',
    on: false,
    unknown: 'the newest market line has no market.marketCapUsd',
    flags: { minMarketCap: num('least market value in USD; off unless given', { min: 0 }) },
    judge: ({ market }, { minMarketCap = 0 }) => atLeast(market?.marketCapUsd, minMarketCap),
  }),`,
        true,
      )
      write(
        'test/cases/gate/market-cap.case',
        `# refuses what is worth too little; what nobody has said the worth of is unknown
$ gate --quiet --min-market-cap 1000 | jq -c '[.decision.act, .decision.reasons, .decision.unknown]'
${['cat', 'dog', 'fox'].map(mint => `<< token ${mint} id=token:${mint}`).join('\n')}
<< market cat id=m:1 pool=cat features strategy prediction marketCapUsd=1000
<< market dog id=m:2 pool=dog features strategy prediction marketCapUsd=999
<< market fox id=m:3 pool=fox features strategy prediction
>> [null,null,null]
>> [null,null,null]
>> [null,null,null]
>> ["buy",[],[]]
>> ["drop",["market-cap"],[]]
>> ["buy",[],["market-cap"]]
exit 0
`,
      )
    },
  },
  'A feature': {
    x: 'whales-family',
    add() {
      const family = 'lib/features/families/whales-family.ts'
      put(
        family,
        'absent before the first',
        `
whaleBuyShare1h@1 | fraction | 2 whales | trade
  share of buys among the trades of whales in the last hour; absent below two`,
      )
      put(
        family,
        'minutesSinceWhale: rec.ts >= lastAt ? (rec.ts - lastAt) / MINUTE : undefined,\n',
        `        whaleBuyShare1h: buyShare(inHour('buy', rec.ts), inHour('sell', rec.ts)),\n`,
      )
      put(
        family,
        '\nexport const whaleFamily = {',
        `
const buyShare = (buys: number, sells: number): number | undefined =>
  buys + sells < 2 ? undefined : buys / (buys + sells)
`,
        true,
      )
      const whale = (n: number, side: string): string =>
        `<< trade M +${n}s id=trade:a:${n} pool=P dex=d side=${side} quoteAmount="2000000000"`
      write(
        'test/cases/features/whales-family.case',
        `# tells the share of buys once two whales have traded
$ features --quiet --sets whales --whale 1 | jq -c .features.whales.values.whaleBuyShare1h
${[whale(0, 'buy'), whale(1, 'sell'), whale(2, 'buy'), whale(3, 'buy')].join('\n')}
>> null
>> 0.5
>> 0.6666666666666666
>> 0.75
exit 0
`,
      )
    },
  },
  'An indicator': {
    x: 'median-price',
    add() {
      write(
        'lib/indicators/median-price.ts',
        `import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'

/** Middle of a bar, (high + low)/2 (TA-Lib MEDPRICE). Unit: of the price. */
export function makeMedianPrice(): Indicator<Bar> {
  return makeIndicator<Bar>({
    warmup: 1,
    scalars: 1,
    apply: (bar, _was, now) => {
      now[0] = (bar.high + bar.low) / 2
    },
    read: now => now[0],
  })
}

export const about: About = {
  input: 'bar',
  definition: '(high + low)/2',
  degree: { price: 1, volume: 0 },
  make: () => makeMedianPrice(),
}
`,
      )
      put(
        'test/lib/indicators/reference.ts',
        'export const reference: Record<string, (bars: Bar[]) => number | undefined> = {\n',
        `  'median-price': bars => (bars.at(-1)!.high + bars.at(-1)!.low) / 2,\n`,
      )
    },
  },
  'A strategy': {
    x: 'up-again',
    add() {
      write(
        'lib/strategy/up-again.ts',
        `import { int } from '../base/flags.ts'
import { hold, opinion, strategy } from './bar-strategy.ts'

/** Buys when a bar closes above the one before for the n-th time running. Warm after a bar. */
export const upAgain = strategy({
  name: 'up-again',
  version: 1,
  doc: 'buys after so many rises running',
  flags: { rises: int('rises running that up-again buys after', { default: 3, min: 1 }) },
  make({ rises }) {
    let [last, running] = [Number.NaN, 0]
    return {
      update({ close }) {
        running = close > last ? running + 1 : 0
        last = close
        return running > 0 && running % rises === 0 ? opinion('buy', 0.6, ['rises']) : hold()
      },
    }
  },
})
`,
      )
      const list = 'lib/strategy/strategies.ts'
      put(
        list,
        "import { trendReversal } from './trend-reversal.ts'\n",
        "import { upAgain } from './up-again.ts'\n",
      )
      put(list, 'trendReversal, dca, antiMartingale', ', upAgain')
      write(
        'test/cases/strategy/up-again.case',
        `# buys after as many rises as it is told
$ strategy --quiet --use up-again --rises 2 | jq -c '.strategy["up-again"].signal'
${[1, 2, 3, 2].map((close, i) => candle(i + 1, close)).join('\n')}
>> "hold"
>> "hold"
>> "buy"
>> "hold"
exit 0
`,
      )
    },
  },
  'A source': {
    x: 'ticks',
    add() {
      start('ticks', 'source')
      write(
        'lib/sources/from-ticks.ts',
        `import { int } from '../base/flags.ts'
import { makeLine } from '../stream/line.ts'
import { sourceKind, speed } from './source.ts'

/** Nothing but time. */
export const fromTicks = sourceKind({
  name: 'ticks',
  summary: 'ticks a second apart',
  gives: ['tick'],
  needs: 'nothing',
  flags: { ticks: int('how many ticks', { default: 3, min: 0 }), speed },
  hasFiles: false,
  make: ({ flags }) => ({
    async *lines() {
      for (let i = 0; i < flags.ticks; i++)
        yield [makeLine({ v: 1, id: \`tick:\${i}\`, ts: i * 1000, kind: 'tick', source: 'ticks' })]
    },
  }),
})
`,
      )
      write(
        'test/cases/discover/ticks.case',
        `# makes as many ticks as it is told
$ discover --source ticks --ticks 2 --quiet | jq -c .id
>> "tick:0"
>> "tick:1"
exit 0
`,
      )
    },
  },
  'A command': {
    x: 'wobble',
    add: () => start('wobble', 'step'),
  },
}

/** What `make new` does before it writes the reference. */
const start = (name: string, kind: string): void =>
  void run(process.execPath, ['--import', 'tsx', 'lib/dev/new.ts', name, kind])

function run(program: string, argv: readonly string[]): string {
  const env = { PATH: `${at('dist/bin')}:${process.env.PATH}`, HOME: home, SLUICE_HOME: home }
  const done = spawnSync(program, argv, { cwd: copy, encoding: 'utf8', env, timeout: 120_000 })
  assert.equal(done.status, 0, `${program} ${argv.join(' ')}\n${done.stdout}\n${done.stderr}`)
  return done.stdout
}

/** What each file of the copy holds. */
function state(): Map<string, string> {
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter(
    path => !/^(node_modules|dist)/.test(path) && statSync(at(path)).isFile(),
  )
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(at(path)))
      .digest('hex')
  return new Map(files.map(path => [path, hash(path)]))
}

/** The paths that a section says are touched. */
function said(section: string, x: string): string[] {
  const [, body = ''] = TEXT.split(`**${section}**\n`)
  const [, line = ''] = /\nTouches ([^\n]*)\./.exec(body.split(/\n\*\*A/)[0] ?? '') ?? []
  const paths = [...line.replace(/\(or .*\)/, '').matchAll(/`([^`]+)`/g)].map(found => found[1]!)
  return paths.map(path => path.replace(/\bx(?=[./])/g, x)).sort()
}

before(() => {
  for (const path of COPIED) cpSync(join(ROOT, path), at(path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), at('node_modules'))
})

describe('what CONTRIBUTING says is what a newcomer does', () => {
  for (const [section, { x, add }] of Object.entries(NEW))
    test(`${section}: as many files are touched as it says`, () => {
      const was = state()
      add()
      const touched = [...state()].filter(([path, hash]) => was.get(path) !== hash)
      assert.deepEqual(touched.map(([path]) => path).sort(), said(section, x))
      assert.ok(touched.length > 0)
    })
})

describe('and then it works', () => {
  before(() => run(process.execPath, ['--import', 'tsx', 'build.ts']))

  test('through the real commands, as their cases say', () => {
    const names = Object.entries(NEW).flatMap(([section, { x }]) =>
      said(section, x).filter(path => path.endsWith('.case')),
    )
    assert.equal(names.length, 5)
    const script = `import assert from 'node:assert/strict'
      import { readCase, runCase } from './lib/dev/case-file.ts'
      for (const name of ${JSON.stringify(names)}) {
        const it = readCase(name)
        const done = runCase(it, ${JSON.stringify(home)})
        assert.deepEqual([name, done.stdout, done.exit], [name, it.stdout, it.exit], done.stderr)
      }`
    run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  })

  test('and flags, help and lists follow', () => {
    const help = (command: string): string => run('sluice', [command, '--help'])
    assert.match(help('gate'), /--min-market-cap N/)
    assert.match(help('strategy'), /--rises N/)
    assert.match(help('discover'), /Flags of --source ticks:\n {2}--ticks N/)
    assert.match(run('sluice', ['discover', '--list-sources', '--quiet']), /"source":"ticks"/)
    assert.match(run('sluice', ['--help']), /wobble/)
  })

  test('and the contract tests find it', () => {
    const found = (file: string, pattern: string): void => {
      const flags = ['--import', 'tsx', '--test', '--test-reporter=tap']
      const out = run(process.execPath, [...flags, `--test-name-pattern=${pattern}`, file])
      const passed = Number(/^# pass (\d+)/m.exec(out)?.[1])
      assert.ok(passed > 0 && /^# fail 0/m.test(out), out)
    }
    found('test/lib/indicators/contract.test.ts', '^median-price')
    found('test/lib/features/sets.test.ts', 'declared whole')
    found('test/lib/strategy/strategies.test.ts', 'every strategy keeps')
    found('test/contract.test.ts', '^wobble')
  })
})
