import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Sources } from './source-graph.ts'
import { isCase, isTest, reachedBy } from './test-reach.ts'

/** What to run: test files, and which cases of test/cases.test.ts, undefined for all of them. */
export interface Choice {
  files: string[]
  cases: string[] | undefined
}

const CASES_TEST = 'test/cases.test.ts'

/**
 * The tests and cases that words name, separated by commas: a test file or case, a folder or a
 * pattern of them (`*` within a name, `**` over folders), or a source, which stands for the tests
 * that it reaches; without a word all tests.
 * @throws UsageError for a word that names no file or reaches no test.
 */
export function chooseTests(words: string, sources: Sources): Choice {
  const asked = words.split(/[,\s]+/).filter(word => word !== '')
  if (asked.length === 0) return { files: [...sources.keys()].filter(isTest), cases: undefined }
  return choiceOf(asked.flatMap(word => testsFor(word, sources)))
}

/** What to run for test files and cases, each once and in their order. */
export function choiceOf(found: readonly string[]): Choice {
  const files = new Set(found.filter(isTest))
  const cases = new Set(found.filter(isCase))
  if (files.has(CASES_TEST)) return { files: [...files], cases: undefined }
  return {
    files: [...files, ...(cases.size > 0 ? [CASES_TEST] : [])],
    cases: cases.size > 0 ? [...cases] : undefined,
  }
}

function testsFor(word: string, sources: Sources): string[] {
  const path = relative('', word)
  const isOne = matcherOf(path)
  const matched = [...sources.keys()].filter(file => isOne(file) || file.startsWith(`${path}/`))
  const tests = matched.filter(file => isTest(file) || isCase(file))
  if (tests.length > 0) return tests
  const changed = matched.length > 0 ? matched : [path].filter(file => existsSync(file))
  if (changed.length === 0)
    throw new UsageError(`no file ${word}${didYouMean(path, sources.keys())}`)
  const reached = reachedBy(changed, sources).map(({ file }) => file)
  if (reached.length === 0) throw new UsageError(`no test reaches ${word}`)
  return reached
}

/** A pattern of a shell: `**` is any folders, `*` and `?` stay within a name. */
function matcherOf(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*|\?/g, part => ({ '**/': '(.*/)?', '*': '[^/]*', '?': '[^/]' })[part]!)
  const whole = new RegExp(`^${source}$`)
  return path => whole.test(path)
}
