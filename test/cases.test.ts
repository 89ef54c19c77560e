import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { registry } from '../cmd/registry.ts'
import { splitPipeline } from '../lib/cli/pipeline.ts'
import { type Case, type Outcome, readCase, runCase } from '../lib/dev/case-file.ts'
import { sluiceHere } from './kit/in-process.ts'

/** All cases, or those that `make test FILE=…` names. */
const cases =
  process.env.SLUICE_TEST_CASES?.split(',').map(path => relative('test/cases', path)) ??
  readdirSync('test/cases', { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.case'),
  )

for (const name of cases.sort()) {
  const it = readCase(join('test/cases', name))
  test(`${name}: ${it.title}`, async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-case-'))
    try {
      const done = await outcomeOf(it, home)
      assert.equal(done.stdout, it.stdout)
      for (const text of it.stderr)
        assert.ok(done.stderr.includes(text), `stderr has no ${text}:\n${done.stderr}`)
      assert.equal(done.exit, it.exit, done.stderr)
    } finally {
      rmSync(home, { recursive: true })
    }
  })
}

/**
 * A command line that needs no shell runs in this process, in a tenth of the time; the others run
 * as they would be typed, with the built commands.
 */
async function outcomeOf(it: Case, home: string): Promise<Outcome> {
  const words = plainWords(it.command)
  if (words === undefined) return runCase(it, home)
  const { input, env } = it
  const { stdout, stderr, code } = await sluiceHere(words, { input, env, home })
  const plain = (text: string): string => text.replaceAll(home, 'HOME')
  return { stdout: plain(stdout), stderr: plain(stderr), exit: code }
}

/**
 * The command and its words where the line is one command of ours that needs neither a shell nor
 * the descriptors of a process.
 */
function plainWords(line: string): string[] | undefined {
  try {
    const [first = [], ...others] = splitPipeline(line)
    const words = first[0] === 'sluice' ? first.slice(1) : first
    const isOurs = Object.hasOwn(registry, words[0] ?? '') && words[0] !== 'keep'
    return others.length === 0 && isOurs && !/\/dev\/|fd:/.test(line) ? words : undefined
  } catch {
    return undefined // A shell has to read it.
  }
}
