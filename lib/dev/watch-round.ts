import { existsSync } from 'node:fs'
import { type Outcome, runProgram } from './run-program.ts'
import { readSources } from './source-graph.ts'
import { type Choice, choiceOf } from './test-choice.ts'
import { secondsOf } from './test-order.ts'
import { isCase, type Reached, reachedBy } from './test-reach.ts'

/** Seconds of tests in one round, as far as they are known before. */
const TESTS_S = 10
const CASE_S = 0.2
/** What a test file takes with its start, however short it is. */
const FILE_S = 2.5
/** Lines that are shown of what a failed step has to say. */
const MOST_LINES = 25

/** What a step of a round found. */
interface Step {
  name: string
  isGood: boolean
  seconds: number
  /** Behind the name when all is well. */
  note: string
  /** Shown when it is not. */
  said: string
}

/**
 * Checks changed files: types of all, style of the files, and the tests that they reach, nearest
 * first, as many as fit in some seconds. Returns the block to print. An abort ends what runs.
 */
export async function runRound(changed: readonly string[], signal: AbortSignal): Promise<string> {
  const there = changed.filter(path => existsSync(path) && path.endsWith('.ts'))
  const { chosen, left } = fitting(reachedBy(changed, readSources()))
  const steps = await Promise.all([
    ...(changed.some(path => path.endsWith('.ts')) ? [types(signal)] : []),
    ...(there.length > 0 ? [style(there, signal)] : []),
    ...(chosen.files.length > 0 ? [tests(chosen, signal)] : []),
  ])
  return blockOf(changed, steps, left)
}

/** The nearest tests that fit into a round, always one at least, and how many are left out. */
export function fitting(reached: readonly Reached[]): { chosen: Choice; left: number } {
  let seconds = 0
  const taken = reached.filter(({ file }, i) => {
    const took = isCase(file) ? CASE_S : Math.max(FILE_S, secondsOf(file)) / 2 // Two run at a time.
    const isIn = i === 0 || seconds + took <= TESTS_S
    if (isIn) seconds += took
    return isIn
  })
  return { chosen: choiceOf(taken.map(({ file }) => file)), left: reached.length - taken.length }
}

async function types(signal: AbortSignal): Promise<Step> {
  return stepOf('types', await runProgram('node_modules/.bin/tsc', [], { signal }))
}

async function style(files: readonly string[], signal: AbortSignal): Promise<Step> {
  const words = ['check', '--error-on-warnings', '--no-errors-on-unmatched', ...files]
  return stepOf('lint', await runProgram('node_modules/.bin/biome', words, { signal }))
}

async function tests({ files, cases }: Choice, signal: AbortSignal): Promise<Step> {
  const built = await runProgram('make', ['build'], { signal })
  if (built.code !== 0) return stepOf('build', built)
  const words = ['--import', 'tsx', 'lib/dev/run-tests.ts']
  const named = [
    ...files.filter(file => cases === undefined || !isCasesTest(file)),
    ...(cases ?? []),
  ]
  const done = await runProgram(process.execPath, [...words, ...named], { signal })
  const passed = /ℹ pass (\d+)/.exec(done.text)?.[1] ?? 0
  const failing = done.text.indexOf('✖ failing tests:')
  const said = (failing < 0 ? done.text : done.text.slice(failing)).replace(/^ *[✔ℹ▶] .*$/gm, '')
  return { ...stepOf('tests', { ...done, text: said }), note: `${passed} in ${files.length} files` }
}

const isCasesTest = (file: string): boolean => file === 'test/cases.test.ts'

function stepOf(name: string, { code, seconds, text }: Outcome): Step {
  return { name, isGood: code === 0, seconds, note: '', said: text }
}

/** The block of a round: when and what, then how each step went, then what failed has to say. */
export function blockOf(changed: readonly string[], steps: readonly Step[], left: number): string {
  const more = left > 0 ? `  ${left} tests and cases more: make test FILE=${changed.join(',')}` : ''
  const told = steps.map(({ name, isGood, seconds, note }) =>
    [name, isGood ? 'ok' : 'FAILED', note, `${seconds.toFixed(1)} s`].filter(Boolean).join(' '),
  )
  const bad = steps.filter(step => !step.isGood)
  return [
    `${new Date().toTimeString().slice(0, 8)} ${changed.join(' ')}`,
    `  ${told.join(' · ') || 'nothing reaches a test'}`,
    ...(more === '' ? [] : [more]),
    ...bad.flatMap(({ said }) => firstLines(said).map(line => `  ${line}`)),
  ].join('\n')
}

function firstLines(text: string): string[] {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const cut = lines.length - MOST_LINES
  return cut > 0 ? [...lines.slice(0, MOST_LINES), `… ${cut} lines more`] : lines
}
