import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCase, runCase, shortOutput } from './case-file.ts'

/**
 * Rewrites what each case expects from what the commands do now. The diff is for a person to judge.
 */
for (const name of readdirSync('test/cases', { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.case')) continue
  const path = join('test/cases', name)
  const text = readFileSync(path, 'utf8')
  const home = mkdtempSync(join(tmpdir(), 'sluice-case-'))
  const it = parseCase(text)
  const done = runCase(it, home)
  rmSync(home, { recursive: true })
  const kept = text.split('\n').filter(line => line !== '' && !/^(>> |!! |exit )/.test(line))
  const errors = done.stderr
    .split('\n')
    .filter(line => /^[a-z-]+: /.test(line) && !line.includes(' · '))
  const held = text
    .split('\n')
    .filter(line => line.startsWith('!! ') && done.stderr.includes(line.slice(3)))
  const untold = errors.filter(line => !held.some(message => line.includes(message.slice(3))))
  const messages = [...new Set([...held, ...untold.map(line => `!! ${line}`)])]
  const stdout = done.stdout.split('\n').slice(0, -1)
  const filled = [
    ...kept,
    ...stdout.map(line => `>> ${shortOutput(line, it.input)}`),
    ...messages,
    `exit ${done.exit}`,
    '',
  ]
  writeFileSync(path, filled.join('\n'))
}
