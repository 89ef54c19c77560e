import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { UsageError } from '../base/errors.ts'

/** What runs tests, and what tests of the workshop start. */
const PROGRAMS = [
  'lib/dev/test-process.ts',
  'lib/dev/timed-steps.ts',
  'lib/dev/new.ts',
  'lib/dev/docs/docs.ts',
]

/**
 * Files below a folder whose names end so, as paths from the root of the product, sorted.
 */
function filesBelow(folder: string, end: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(end))
    .map(name => join(folder, name))
    .sort()
}

/**
 * A place among the chunks of the current build, which dist/main.js names.
 * @throws UsageError before the first build
 */
function chunkOfBuild(): string {
  const main = existsSync('dist/main.js') ? readFileSync('dist/main.js', 'utf8') : ''
  const named = /builds\/\w+/.exec(main)?.[0]
  if (named === undefined) throw new UsageError('dist/ holds no build: make build')
  return join(process.cwd(), 'dist', named, 'chunks/chunk.js')
}

/**
 * Compiles tests with all that they import into a new folder of dist/ and returns its path: a test
 * that is loaded from source through tsx spends more time on loading than on testing. Beside them
 * lie the programs that tests start (`…-child.ts`) and the process that runs tests. The caller
 * removes the folder.
 *
 * A module of test/ still sees its own address, so that it finds the files beside it. A module of
 * lib/ sees that of a chunk of the build: threads and processes that it starts are the built ones.
 */
export async function bundleTests(files: readonly string[]): Promise<string> {
  const { build } = await import('esbuild')
  mkdirSync('dist', { recursive: true })
  const outdir = mkdtempSync(join('dist', 'tests-'))
  await build({
    entryPoints: [...files, ...filesBelow('test', '-child.ts'), ...PROGRAMS],
    outdir,
    outbase: '.',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    keepNames: true,
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    define: { TEST_BUNDLE: JSON.stringify(join(process.cwd(), outdir)) },
    plugins: [addresses(chunkOfBuild())],
    logLevel: 'warning',
  })
  return outdir
}

/** Gives every module the address that it is to see. */
const addresses = (chunk: string): Plugin => ({
  name: 'addresses',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const isProduct = /^lib\/(?!dev\/)/.test(relative(process.cwd(), path))
      const url = JSON.stringify(pathToFileURL(isProduct ? chunk : path).href)
      return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' }
    })
  },
})
