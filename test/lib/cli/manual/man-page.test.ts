import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { registry } from '../../../../cmd/registry.ts'
import { escaped, manPage } from '../../../../lib/cli/manual/man-page.ts'

const MAN = 'dist/man/man1'

/** Whether a program is there, else why its test is skipped. */
const skip = (program: string): string | false =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
    ? false
    : `${program} is not installed`

const HOSTILE = {
  name: 'odd',
  summary: '.so /etc/passwd',
  usage: `odd "x" \\fB`,
  sections: [
    { title: 'A "title"', prose: ".de x\n'sy id\n\n\\X'y' \\n(.z ­ \u0007 naïve – “…” 𝄞 \ud800" },
    { title: 'Rows', rows: [['.rm TH', '']] as [string, string][] },
    { title: 'Code', code: ['.nf', "'tis", '\\', '  a  b'] },
  ],
}

test('no word can become a request, a macro or an escape', () => {
  const page = manPage(HOSTILE, 'sluice "0"')
  for (const line of page.trimEnd().split('\n'))
    assert.match(line, /^(\.(TH|SH|PP|TP|nf|fi|RS 2|RE|BR)\b|\\&|\\fB|[^.'])/, line)
  assert.match(page, /^[\x20-\x7e\n]*$/)
  assert.equal(escaped(".a-'b' \\c"), '\\&.a\\-\\(aqb\\(aq \\ec')
  assert.equal(escaped('–'), '\\[u2013]')
  assert.equal(escaped('\ud800'), '?')
})

for (const [program, args] of [
  ['man', ['--warnings', '-l']],
  ['mandoc', ['-T', 'lint', '-W', 'error']],
] as const) {
  test(`${program} finds nothing wrong in any page`, { skip: skip(program) }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-man-'))
    try {
      writeFileSync(join(folder, 'odd.1'), manPage(HOSTILE, 'sluice 0'))
      const pages = readdirSync(MAN).map(name => join(MAN, name))
      for (const page of [...pages, join(folder, 'odd.1')]) {
        const env = { ...process.env, MANPAGER: 'cat', LC_ALL: 'C.UTF-8' }
        const done = spawnSync(program, [...args, page], { encoding: 'utf8', env })
        assert.equal(done.stderr + (program === 'mandoc' ? done.stdout : ''), '', page)
        assert.equal(done.status, 0, page)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

test('the rendered page says what was declared, letter by letter', { skip: skip('man') }, () => {
  const env = { ...process.env, MANPAGER: 'cat', MANWIDTH: '200', LC_ALL: 'C.UTF-8' }
  const { stdout } = spawnSync('man', ['-l', join(MAN, 'sluice-gate.1')], { env, encoding: 'utf8' })
  const plain = stdout.replace(/.\u0008/g, '')
  assert.match(plain, /sluice-gate - Decide on lines/)
  assert.match(plain, /^ +--min-confidence N$/m)
  assert.ok(plain.includes(`jq -c 'select(.decision.act=="buy")'`), plain)
  assert.match(plain, /EXIT STATUS\n +0 +done/)
})

test('there is a page for sluice and for every command, and none besides', () => {
  const names = Object.keys(registry).map(name => `sluice-${name}.1`)
  assert.deepEqual(readdirSync(MAN).sort(), ['sluice.1', ...names].sort())
  const page = readFileSync(join(MAN, 'sluice.1'), 'utf8')
  for (const name of Object.keys(registry))
    assert.ok(page.includes(`\\fB${name.replaceAll('-', '\\-')}\\fR`), name)
})
