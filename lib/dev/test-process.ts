import { setMaxListeners } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { relative, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { tell } from '../cli/log.ts'
import { endHung } from './end-hung.ts'
import { secondsOf } from './test-order.ts'

/**
 * Runs compiled test files, three at a time in the order given, each in a process of its own, and
 * prints what node’s own runner prints. Ends with 1 when a test fails, and when a file holds no
 * test: a runner that finds nothing to run says that all is well.
 *
 *     node --enable-source-maps dist/tests-…/lib/dev/test-process.js dist/tests-… FILE.js…
 */
/** What is not done by then hangs and is ended; node 24 holds tests to a limit, not their file. */
const FILE_MS = Number(process.env.SLUICE_TEST_FILE_S ?? 10 * 60) * 1000
/** No run takes longer, also on a machine that is busy with something else. */
const RUN_MS = 30 * 60_000
/** So many of the longest files are named at the end of a run of many. */
const LONGEST_TOLD = 12
const [folder = '', ...files] = process.argv.slice(2)
const isTested = new Set<string>()
const seconds = new Map<string, number>()
let failures = 0

/** What is told of a test or of a whole file, as far as it is used here. */
interface Told {
  name: string
  file?: string
  line?: number
  column?: number
  todo?: string | boolean
}

const signal = AbortSignal.timeout(RUN_MS)
setMaxListeners(0, signal) // One listener per file, by intent.
const watch = endHung(FILE_MS, file =>
  tell(`${sourceOf(file)} ran longer than ${FILE_MS / 1000} s and was ended: it hangs`),
)
const stream = run({
  files: files.map(name => resolve(name)),
  // One more than the cores that are asked for: many tests wait for a clock or a process.
  concurrency: 3,
  timeout: 3 * FILE_MS, // What ends sooner leaves running what a file has started.
  signal,
})
stream.on('test:pass', count)
stream.on('test:fail', told => {
  count(told)
  if (told.todo === undefined || told.todo === false) failures++
})
stream.on('test:complete', ({ name, details }) => {
  if (name.endsWith('.test.js')) seconds.set(sourceOf(name), details.duration_ms / 1000)
})
stream.on('end', sumUp)
stream.compose(atSource()).compose(new spec()).pipe(process.stdout)

function count({ name, file }: Told): void {
  if (file !== undefined && !name.endsWith('.test.js')) isTested.add(sourceOf(file))
}

function sumUp(): void {
  watch.stop()
  const empty = files.map(sourceOf).filter(file => !isTested.has(file))
  if (empty.length > 0) tell(`no tests ran in ${empty.join(', ')}`)
  const slow = [...seconds].filter(([file, took]) => took > 20 && took > 2 * secondsOf(file))
  for (const [file, took] of slow)
    tell(`${file} took ${took.toFixed(0)} s: lib/dev/test-order.ts should know that`)
  const all = [...seconds].sort((a, b) => b[1] - a[1]).slice(0, LONGEST_TOLD)
  if (seconds.size > LONGEST_TOLD)
    tell(`longest: ${all.map(([file, took]) => `${file} ${took.toFixed(0)} s`).join(', ')}`)
  if (failures > 0 || empty.length > 0 || files.length === 0) process.exitCode = 1
}

/** The source of a compiled file: `test/x.test.ts` of `…/dist/tests-…/test/x.test.js`. */
function sourceOf(path: string): string {
  return path.endsWith('.ts') ? relative('', path) : relative(folder, path).replace(/js$/, 'ts')
}

/** Tells failures at their line of the source: node 20 gives that of the compiled file. */
function atSource(): Transform {
  return new Transform({
    objectMode: true,
    transform(event: { type: string; data: Told }, _, next) {
      next(null, event.type === 'test:fail' ? { ...event, data: moved(event.data) } : event)
    },
  })
}

function moved(data: Told): Told {
  const { file = '', line = 1, column = 1 } = data
  if (!file.endsWith('.js') || !existsSync(`${file}.map`)) return data
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload)
  const found = map.findEntry(line - 1, column - 1)
  if (!('originalLine' in found)) return data
  const { originalLine, originalColumn } = found
  return { ...data, file: sourceOf(file), line: originalLine + 1, column: originalColumn + 1 }
}
