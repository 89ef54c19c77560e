import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import ts from 'typescript'

/** The program of a worker, and where in the sources each of its awaits is. */
export interface Compiled {
  folder: string
  program: string
  sites: string[]
}

/**
 * The code whose awaits are watched: all of live trading but the way out over HTTP, which waits for
 * sockets.
 */
const WATCHED = /^lib\/trade\/live\//
const OTHERS = /open-execute|pacing/

/**
 * Compiles the worker, each `await` of the code under test with a number of its own: it tells
 * `__awaits` before and after (see `awaits.ts`). The caller removes the folder.
 */
export async function compileDays(root = process.cwd()): Promise<Compiled> {
  const sites: string[] = []
  mkdirSync(join(root, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(root, 'dist', 'days-'))
  const program = join(folder, 'worker.js')
  await build({
    absWorkingDir: root,
    entryPoints: ['test/live/days/worker.ts'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [numberAwaits(root, sites)],
    logLevel: 'warning',
  })
  return { folder, program, sites }
}

const numberAwaits = (root: string, sites: string[]): Plugin => ({
  name: 'awaits',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const name = relative(root, path)
      if (!WATCHED.test(name) || OTHERS.test(name)) return undefined
      return { contents: numbered(name, readFileSync(path, 'utf8'), sites), loader: 'ts' }
    })
  },
})

/** A source with each of its awaits told about. */
function numbered(name: string, text: string, sites: string[]): string {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const edits: { at: number; put: string }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isAwaitExpression(node)) {
      const start = node.getStart(source)
      const { line, character } = source.getLineAndCharacterOfPosition(start)
      const site = sites.push(`${name}:${line + 1}:${character + 1}`) - 1
      edits.push({ at: start, put: `__awaits.leave(${site}, ` })
      edits.push({ at: node.expression.getStart(source), put: `__awaits.enter(${site}, ` })
      edits.push({ at: node.end, put: '))' })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  let [made, from] = ['', 0]
  for (const { at, put } of edits.sort((a, b) => a.at - b.at)) {
    made += text.slice(from, at) + put
    from = at
  }
  return made + text.slice(from)
}
