import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { OWN_NAMES } from '../cmd/registry.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a package may hold, and nothing else. */
const MAY_HOLD = [
  /^(README\.md|LICENSE|package\.json)$/,
  /^dist\/(main\.js|package\.json|sbom\.cdx\.json)$/,
  /^dist\/bin\/[a-z-]+$/,
  /^dist\/builds\/[0-9a-f]{12}\/(LICENSES|(chunks\/)?[\w.-]+\.js|help\/[a-z-]+\.txt)$/,
  /^dist\/man\/man1\/[a-z-]+\.1$/,
  /^dist\/completions\/[\w.-]+$/,
  /^models\/README\.md$/,
  /^models\/[\w.-]+\/(aliases\.json|history\.ndjson|recipe\.json)$/,
  /^models\/[\w.-]+\/[\w.-]+\/(bundle\.json|CARD\.md|model\.onnx|SHA256SUMS)$/,
  /^pipelines\/(systemd\/)?(README\.md|[\w.@-]+\.(sh|example|service|timer))$/,
]

interface Packed {
  files: { path: string; mode: number; size: number }[]
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'))

function dryRun(): Packed {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error']
  const text = execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' })
  return (JSON.parse(text) as Packed[])[0]!
}

test('a package holds the commands, models and pipelines, and nothing else', () => {
  const { files } = dryRun()
  const paths = files.map(file => file.path)
  assert.deepEqual(
    paths.filter(path => !MAY_HOLD.some(pattern => pattern.test(path))),
    [],
  )
  const [, build] = /builds\/(\w+)\//.exec(readFileSync(join(ROOT, 'dist/main.js'), 'utf8'))!
  const builds = paths.flatMap(path => /^dist\/builds\/([^/]+)\//.exec(path)?.[1] ?? [])
  assert.deepEqual([...new Set(builds)], [build], 'the current build alone')
  const { man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { man: string[] }
  assert.deepEqual(
    [...man].sort(),
    paths.filter(path => path.startsWith('dist/man/')).sort(),
    'every man page is named to npm; make docs does it',
  )
  const needed = [
    'dist/man/man1/sluice-gate.1',
    'dist/completions/sluice.bash',
    `dist/builds/${build}/main.js`,
    `dist/builds/${build}/worker.js`,
    'dist/sbom.cdx.json',
    'README.md',
    'LICENSE',
    'models/sequence/2024-07-28.1/bundle.json',
    'pipelines/collect.sh',
    'pipelines/crontab.example',
  ]
  for (const path of needed) assert.ok(paths.includes(path), path)
  for (const { path, mode } of files)
    if (/^dist\/bin\/|\.sh$/.test(path)) assert.equal(mode & 0o111, 0o111, `${path} can be started`)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  assert.ok(bytes < 4e6, `${bytes} bytes`)
})

test('the bill of materials names what npm would, what it forgets, and what is bundled', () => {
  const words = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev']
  interface Bill {
    components: { purl: string; hashes?: { alg: string; content: string }[] }[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  const theirs = JSON.parse(execFileSync('npm', words, { cwd: ROOT, encoding: 'utf8' })) as Bill
  const ours = JSON.parse(readFileSync(join(ROOT, 'dist/sbom.cdx.json'), 'utf8')) as Bill
  const hashes = new Map(ours.components.map(({ purl, hashes: [hash] = [] }) => [purl, hash]))
  for (const { purl, hashes: [hash] = [] } of theirs.components)
    assert.deepEqual(hashes.get(purl), hash, purl)
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const names = [...hashes.keys()].map(purl => purl.replace(/^pkg:npm\/|@[^@]*$/g, ''))
  for (const name of [...Object.keys(dependencies), 'citty', 'consola', 'typebox'])
    assert.ok(names.includes(name.replace('@', '%40')), name)
  assert.ok(!names.includes('typescript') && !names.includes('fast-check'))
  for (const { ref, dependsOn } of ours.dependencies)
    for (const need of dependsOn) assert.ok(hashes.has(need), `${ref} needs ${need}`)
})

test('a package puts the commands with own names on PATH, or sluice alone', t => {
  t.after(() => rmSync(folder, { recursive: true }))
  const binOf = (...argv: string[]) => {
    execFileSync(process.execPath, ['--import', 'tsx', 'lib/dev/pack/pack.ts', folder, ...argv], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'ignore'],
    })
    const tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz'))!)
    const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'])
    const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n')
    const { bin } = JSON.parse(text.toString()) as { bin: Record<string, string> }
    for (const path of Object.values(bin)) assert.ok(list.includes(`package/${path}`), path)
    // Of coreutils, which knows nothing of us.
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder })
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
    assert.match(sums, /^[0-9a-f]{64} {2}sluice-[\d.]+\.tgz\n[0-9a-f]{64} {2}sluice\.cdx\.json\n$/)
    return { names: Object.keys(bin), list: list.sort() }
  }
  const all = binOf()
  assert.deepEqual(all.names, ['sluice', ...OWN_NAMES])
  const one = binOf('--sluice-only')
  assert.deepEqual(one.names, ['sluice'])
  assert.deepEqual(one.list, all.list)
})

test('the table of sizes is what make size prints', {
  skip: `${process.platform}-${process.arch}` !== 'linux-x64' && 'binaries of another system',
}, () => {
  const printed = execFileSync(
    process.execPath,
    ['--import', 'tsx', 'lib/dev/pack/install-size.ts'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  const found = [...printed.matchAll(/^ *([\d.]+) MB {2}(.{18})/gm)].map(
    ([, mb, name]) => [name!.trim().replace('of it', '– for other systems'), Number(mb)] as const,
  )
  const table = readFileSync(join(ROOT, 'lib/README.md'), 'utf8')
  const told = new Map(
    [...table.matchAll(/^\| ([^|]+) \| ([\d.]+) \|/gm)].map(([, name, mb]) => [name, Number(mb)]),
  )
  assert.ok(found.length >= 6 && told.size >= 6, printed)
  for (const [name, mb] of found.filter(([name]) => name !== 'shared')) {
    const difference = Math.abs((told.get(name) ?? Number.NaN) - mb)
    assert.ok(difference <= Math.max(1, mb * 0.05), `${name}: ${told.get(name)} MB, really ${mb}`)
  }
})
