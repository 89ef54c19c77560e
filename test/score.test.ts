import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Rec } from '../lib/records/record.ts'
import { STRATEGIES } from '../lib/strategy/strategies.ts'
import { sh } from './kit/proc.ts'

const PAGE = readFileSync(new URL('../lib/records/README.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'sluice-score-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Twenty rising bars: opens at the low, closes at three quarters of its range. */
const candles = Array.from({ length: 40 }, (_, i) => {
  const [low, ts] = [1 + i / 10, (i + 1) * 300_000]
  const candle = {
    intervalMs: 300_000,
    openAt: i * 300_000,
    open: low,
    high: low + 0.4,
    low,
    close: low + 0.3,
    volume: 1e15,
  }
  return JSON.stringify({
    v: 1,
    id: `candle:M:5m:${i}`,
    ts,
    kind: 'candle',
    mint: 'M',
    source: 't',
    candle,
  })
})
writeFileSync(join(folder, 'candles.ndjson'), `${candles.join('\n')}\n`)

const blockOf = (name: string): string =>
  new RegExp(`<!-- example:${name} -->\\n\`\`\`[a-z]+\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1] ?? ''

const has = (program: string): boolean => {
  try {
    execFileSync('bash', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The pipeline of the page with another program in the place of its own, if any. */
function lineWith(scorer: string | undefined): string {
  const line = blockOf('score-jq').replace('candles.ndjson', `'${join(folder, 'candles.ndjson')}'`)
  return scorer === undefined ? line : line.replace(/jq -c --unbuffered '[\s\S]*?'/, () => scorer)
}

/** A body of 0.3 in a range of 0.4 is a score of (0.75 + 1) / 2. */
async function check(line: string): Promise<void> {
  const { code, stdout, stderr } = await sh(line)
  assert.equal(code, 0, stderr)
  const recs = stdout
    .trimEnd()
    .split('\n')
    .map(raw => JSON.parse(raw) as Rec)
  assert.equal(recs.length, candles.length)
  for (const { decision, candle } of recs) {
    assert.ok(Math.abs(decision!.scores!.body! - 0.875) < 1e-9, JSON.stringify(decision))
    assert.equal(candle?.volume, 1e15)
  }
}

test('a score by jq, as the line format shows', { skip: has('jq') ? false : 'no jq here' }, () =>
  check(lineWith(undefined)),
)

test('a score by any other program, here a line of Node', () =>
  check(
    lineWith(
      'node -e ' +
        `'require("readline").createInterface({input:process.stdin}).on("line",l=>{const ` +
        `r=JSON.parse(l),c=r.candle;r.score={...r.score,body:{value:` +
        `((c.close-c.open)/(c.high-c.low)+1)/2,at:r.ts,by:"node"}};` +
        `console.log(JSON.stringify(r))})'`,
    ),
  ))

test('a score by Python, as the line format shows', {
  skip: has('python3') ? false : 'no Python here',
}, () => {
  writeFileSync(join(folder, 'body.py'), blockOf('score-python'))
  return check(lineWith(`python3 '${join(folder, 'body.py')}'`))
})

test('every strategy that is used unasked stands with its figures, and nothing else', () => {
  const measured = STRATEGIES.filter(({ isDefault }) => isDefault)
  const page = readFileSync(new URL('../bench/README.md', import.meta.url), 'utf8')
  const table = /## Strategies([\s\S]*?)<!-- figures/.exec(page)?.[1] ?? ''
  const named = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(found => found[1])
  assert.deepEqual(named.sort(), measured.map(({ name }) => name).sort())
  const figures = /<!-- figures:strategies -->([\s\S]*?)<!-- \/figures -->/.exec(page)?.[1] ?? ''
  for (const { name } of measured)
    assert.ok(figures.includes(`| ${name} buy |`), `no figures of ${name}`)
})
