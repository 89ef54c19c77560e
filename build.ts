import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build, type OutputFile } from 'esbuild'
import { OWN_NAMES } from './cmd/registry.ts'
import { replaceFile } from './lib/base/atomic-write.ts'
import { messageOf } from './lib/base/errors.ts'
import { tell } from './lib/cli/log.ts'
import { billOfMaterials, type LockFile } from './lib/dev/pack/bill-of-materials.ts'
import { helpTexts, writeShellFiles } from './lib/dev/shell-files.ts'

/**
 * Bundles the commands: one small entry, one for inference workers, one chunk per command, heavy
 * packages left outside. A build lies in a folder of its own, dist/builds/<hash of its content>,
 * and counts from the moment dist/main.js, which only names it, is replaced. So a compile that
 * fails leaves the commands as they were, and the build before stays until the next one: commands
 * that run meanwhile still find what they load late.
 */
const BUILDS = 'dist/builds'
const outdir = join(BUILDS, 'new')
type File = Pick<OutputFile, 'path' | 'contents'>
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

/**
 * `+abc1234` of a clone, `+abc1234-dirty` when tracked files differ from that revision, nothing for
 * a source archive, which has no history.
 */
function revision(): string {
  if (!existsSync('.git')) return ''
  // Also for a clone of another user, such as one that is mounted into a container.
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'safe.directory=*', ...words], { encoding: 'utf8' }).trim()
  try {
    const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty'
    return `+${git('rev-parse', '--short', 'HEAD')}${dirty}`
  } catch (error) {
    tell(`build: the version goes without its revision: ${messageOf(error)}`)
    return ''
  }
}

/** The licences of the packages that are bundled in, which they ask to be kept with copies. */
function licences(inputs: readonly string[]): File {
  const texts = packagesOf(inputs).sort().map(folder => {
    const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each))
    if (file === undefined) throw new Error(`${folder} holds no licence`)
    const name = folder.slice(folder.indexOf('node_modules/') + 'node_modules/'.length)
    return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  })
  return { path: join(outdir, 'LICENSES'), contents: Buffer.from(texts.join('\n')) }
}

/** Folders of packages that a bundle was made from. */
const packagesOf = (inputs: readonly string[]): string[] => [
  ...new Set(
    inputs.flatMap(
      path => /^(.*\/)?node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
    ),
  ),
]

/** The bill of materials of an install, with the packages that lie in our bundles. */
const bundledBill = (): string =>
  billOfMaterials(
    JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile,
    // The folder of packages may be a link to one elsewhere.
    packagesOf(Object.keys(metafile.inputs)).map(folder =>
      folder.slice(folder.indexOf('node_modules/')),
    ),
  )

/** Name of a build: the first 12 hex digits of the SHA-256 of what it holds. */
function nameOf(files: readonly File[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${relative('.', file.path)}\n`).update(file.contents)
  return hash.digest('hex').slice(0, 12)
}

/** Writes all files of a build apart, then gives it its name in one step. */
function place(files: readonly File[], name: string): void {
  if (existsSync(join(BUILDS, name))) return // The same sources, built before.
  const fresh = join(BUILDS, `.new-${process.pid}`)
  rmSync(fresh, { recursive: true, force: true }) // Left by one that was killed.
  for (const file of files) {
    const path = join(fresh, relative(outdir, file.path))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file.contents)
  }
  renameSync(fresh, join(BUILDS, name))
}

const older = (current: string): string[] =>
  readdirSync(BUILDS).filter(name => /^[0-9a-f]{12}$/.test(name) && name !== current)

/** Removes a build under another name, so that one half removed is never taken for a whole one. */
function drop(name: string): void {
  const gone = join(BUILDS, `.gone-${name}`)
  renameSync(join(BUILDS, name), gone)
  rmSync(gone, { recursive: true })
}

/** One file per name on PATH. Files whose name is no command any more go. */
function writeBins(names: readonly string[]): void {
  mkdirSync('dist/bin', { recursive: true })
  for (const name of names) {
    // Without the dashes Node 20 takes our --env-file for its own, and ends when it is not there.
    replaceFile(`dist/bin/${name}`, "#!/usr/bin/env -S node --\nimport '../main.js'\n", 0o755)
    chmodSync(`dist/bin/${name}`, 0o755) // Whatever the umask of who builds.
  }
  for (const name of readdirSync('dist/bin')) if (!names.includes(name)) rmSync(`dist/bin/${name}`)
}

const { outputFiles, metafile } = await build({
  // Networks train, models are served and queries run in processes of their own, trees and sweeps
  // on threads; the entries lie where their starters look.
  entryPoints: {
    main: 'cmd/main.ts',
    worker: 'lib/model/serve/workers/worker.ts',
    'chunks/query-child': 'lib/store/query/query-child.ts',
    'chunks/network-child': 'lib/train/networks/network-child.ts',
    'chunks/fit-thread': 'lib/train/tabular/fit-thread.ts',
    'chunks/tree-thread': 'lib/train/tabular/tree-thread.ts',
    'chunks/sweep-worker': 'lib/backtest/sweep-worker.ts',
  },
  outdir,
  write: false,
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  external: [
    'onnxruntime-node',
    '@duckdb/node-api',
    '@solana/web3.js',
    'node-sqlite3-wasm',
    'ws',
    'esbuild',
  ],
  define: { BUILD_VERSION: JSON.stringify(version + revision()) },
  logLevel: 'warning',
})
const help = [...(await helpTexts())].map(
  ([name, text]): File => ({
    path: join(outdir, 'help', `${name}.txt`),
    contents: Buffer.from(text),
  }),
)
const files = [...outputFiles, licences(Object.keys(metafile.inputs)), ...help]
const current = nameOf(files)
const named = existsSync('dist/main.js') ? readFileSync('dist/main.js', 'utf8') : ''
const before = /builds\/([0-9a-f]{12})\//.exec(named)?.[1]
place(files, current)
replaceFile('dist/package.json', '{"type":"module"}\n')
writeBins(['sluice', ...OWN_NAMES])
await writeShellFiles('dist', version)
replaceFile('dist/sbom.cdx.json', bundledBill())
// What a package must not hold: the build before, and maps, which are twice as large as the code.
replaceFile(join(BUILDS, '.npmignore'), ['*.map', '.*', ...older(current), ''].join('\n'))
replaceFile('dist/main.js', `import './builds/${current}/main.js'\n`)
for (const name of older(current)) if (name !== before && before !== current) drop(name)
