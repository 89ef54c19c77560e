import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DataError } from '../../../lib/base/errors.ts'
import { parseLine } from '../../../lib/stream/parse.ts'

/** The specification of lines, whose examples must do what it says. */
const PAGE = readFileSync('lib/records/README.md', 'utf8')

const blockOf = (name: string): string => {
  const found = new RegExp(`<!-- conformance:${name} -->\\n\`\`\`[a-z]+\\n([\\s\\S]*?)\`\`\``)
  const text = found.exec(PAGE)?.[1]
  assert.ok(text, `no block ${name}`)
  return text
}
const linesOf = (name: string): string[] => blockOf(name).trimEnd().split('\n')
const [good, bad] = [linesOf('good'), linesOf('bad')]
const isTwice = (line: string): boolean => line.includes('"source":"mine","source"')

/** A line as our reader hands it on. Throws a DataError. */
const intakeOf = (line: string): string => parseLine(line, 1).raw

const missing = (program: string): string | false => {
  try {
    execFileSync('bash', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return false
  } catch {
    return `no ${program} here`
  }
}

function run(argv: readonly string[], lines: readonly string[]): string[] {
  const done = spawnSync(argv[0]!, argv.slice(1), {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.equal(done.status, 0, done.stderr)
  return done.stdout.trimEnd().split('\n')
}

test('our own reader takes the good lines byte for byte and refuses each bad one', () => {
  for (const line of good) assert.equal(intakeOf(line), line)
  for (const line of bad) assert.throws(() => intakeOf(line), DataError, line)
})

test('the check in Python says the same', { skip: missing('python3') }, () => {
  const said = run(['python3', '-c', blockOf('python')], [...good, ...bad])
  assert.deepEqual(said, [...good.map(() => 'true'), ...bad.map(() => 'false')])
})

test('the check in jq says the same, but of keys given twice', { skip: missing('jq') }, () => {
  for (const [lines, verdict] of [
    [good, 'true'],
    [bad.filter(line => !isTwice(line)), 'false'],
  ] as const)
    for (const line of lines)
      assert.deepEqual(run(['jq', '-R', blockOf('jq')], [line]), [verdict], line)
})

test('awk adds a part and moves nothing else', { skip: missing('awk') }, () => {
  const said = run(['awk', blockOf('awk')], good)
  for (const [i, line] of good.entries()) {
    assert.equal(said[i], `${line.slice(0, -1)},"own":{"by":"awk"}}`)
    if (!line.includes('"own"')) assert.equal(intakeOf(said[i]!), said[i])
  }
})
