import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
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
  mkdirSync(join(root, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(root, 'dist', 'days-'))
  const program = join(folder, 'worker.js')
  const options = {
    absWorkingDir: root,
    entryPoints: ['test/live/days/worker.ts'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    packages: 'external',
    logLevel: 'warning',
  } satisfies BuildOptions
  // Files are loaded in any order; a seed means the same day only if their numbers do not change.
  const { metafile } = await build({ ...options, metafile: true, write: false })
  const sites: string[] = []
  const texts = new Map<string, string>()
  for (const name of Object.keys(metafile.inputs).sort())
    if (WATCHED.test(name) && !OTHERS.test(name))
      texts.set(name, numbered(name, readFileSync(join(root, name), 'utf8'), sites))
  await build({
    ...options,
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [insteadOf(root, texts)],
  })
  return { folder, program, sites }
}

/** Takes the text of some files, by their path below the root, from elsewhere. */
const insteadOf = (root: string, texts: ReadonlyMap<string, string>): Plugin => ({
  name: 'awaits',
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = texts.get(relative(root, path))
      return contents === undefined ? undefined : { contents, loader: 'ts' }
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
