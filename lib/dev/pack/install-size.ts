import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Prints what an install takes by package, and what of it can be dropped: install-size.ts [FOLDER],
 * the folder of an installed package or of the clone (default). Megabytes are 10^6 bytes of files;
 * what only one package needs is counted with it.
 */
const root = resolve(process.argv[2] ?? '.')
const { platform, arch } = process
const other = join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6')

/** Why each package is there, and what still works without it. */
const NOTES: Record<string, string> = {
  'onnxruntime-node':
    'stays: predict, evaluate and training networks load it. ' +
    `Can go: what it brings for other systems, all of ${other} but ${platform}/${arch}`,
  '@duckdb/node-api':
    'can go where lines only flow: sync, query, drift, training, train-export and Parquet need it',
  '@solana/web3.js': 'can go where nobody trades for real: execute --live and its doctor need it',
  'node-sqlite3-wasm': 'can go where nobody reads SQLite files, or Node is 22.13 or later',
  ws: 'stays: the sockets of sources',
}

/** Bytes of the files below a folder; packages nested in it are counted by themselves. */
function bytesOf(folder: string): number {
  let sum = 0
  for (const each of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, each.name)
    if (each.isDirectory()) sum += each.name === 'node_modules' ? 0 : bytesOf(path)
    else sum += lstatSync(path).size
  }
  return sum
}

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Folder of a package as Node finds it from another; undefined when it is not installed. */
function find(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(from) === from ? undefined : find(name, dirname(from))
}

/** Folders of a package and of all that it needs, as far as they are installed. */
function reach(folder: string, seen = new Set<string>()): Set<string> {
  if (seen.has(folder)) return seen
  seen.add(folder)
  const manifest = manifestOf(folder)
  const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
    name => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  )
  const own = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
  for (const name of [...own, ...peers]) {
    const next = find(name, folder)
    if (next !== undefined) reach(next, seen)
  }
  return seen
}

const sumOf = (folders: Iterable<string>): number =>
  [...folders].reduce((sum, folder) => sum + bytesOf(folder), 0)
const row = (bytes: number, name: string, note: string): string =>
  `${(bytes / 1e6).toFixed(1).padStart(7)} MB  ${name.padEnd(18)}${note}\n`

const direct = Object.keys(manifestOf(root).dependencies ?? {})
const reached = new Map<string, Set<string>>()
for (const name of direct) {
  const folder = find(name, root)
  if (folder === undefined) process.stdout.write(row(0, name, 'not installed'))
  else reached.set(name, reach(folder))
}
const times = new Map<string, number>()
for (const folders of reached.values())
  for (const folder of folders) times.set(folder, (times.get(folder) ?? 0) + 1)

const rows = [...reached].map(([name, folders]) => {
  const own = [...folders].filter(folder => times.get(folder) === 1)
  return { name, bytes: sumOf(own) }
})
for (const { name, bytes } of rows.sort((a, b) => b.bytes - a.bytes))
  process.stdout.write(row(bytes, name, NOTES[name] ?? ''))
const shared = [...times].filter(([, count]) => count > 1).map(([folder]) => folder)
process.stdout.write(row(sumOf(shared), 'shared', 'needed by several of these'))
process.stdout.write(row(sumOf(times.keys()), 'together', ''))
const binaries = find('onnxruntime-node', root)
if (binaries !== undefined) {
  const all = bytesOf(join(binaries, 'bin'))
  const mine = bytesOf(join(binaries, 'bin/napi-v6', platform, arch))
  process.stdout.write(row(all - mine, 'of it', 'ONNX Runtime for other systems'))
}
