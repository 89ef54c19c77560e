import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { OWN_NAMES } from './cmd/registry.ts'

/**
 * Bundles the commands into dist/: one small entry, one for inference workers, one chunk per
 * command, heavy packages left outside.
 */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

function revision(): string {
  try {
    return `+${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}`
  } catch {
    return '' // A source archive has no history; the version alone names it.
  }
}

for (const old of ['chunks', 'bin']) rmSync(`dist/${old}`, { recursive: true, force: true })
await build({
  // Networks train and models are served in processes of their own, trees and sweeps run on
  // threads; the entries lie where their starters look.
  entryPoints: {
    main: 'cmd/main.ts',
    worker: 'lib/model/serve/worker.ts',
    'chunks/network-child': 'lib/train/networks/network-child.ts',
    'chunks/fit-thread': 'lib/train/tabular/fit-thread.ts',
    'chunks/tree-thread': 'lib/train/tabular/tree-thread.ts',
    'chunks/sweep-worker': 'lib/backtest/sweep-worker.ts',
  },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  external: ['onnxruntime-node', '@duckdb/node-api', '@solana/web3.js', 'ws', 'esbuild'],
  define: { BUILD_VERSION: JSON.stringify(version + revision()) },
  logLevel: 'warning',
})
mkdirSync('dist/bin', { recursive: true })
writeFileSync('dist/package.json', '{"type":"module"}\n')
for (const name of ['sluice', ...OWN_NAMES]) {
  writeFileSync(`dist/bin/${name}`, "#!/usr/bin/env node\nimport '../main.js'\n")
  chmodSync(`dist/bin/${name}`, 0o755)
}
