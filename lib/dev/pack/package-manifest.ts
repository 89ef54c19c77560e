import { readdirSync, readFileSync } from 'node:fs'
import { OWN_NAMES } from '../../../cmd/registry.ts'
import { replaceFile } from '../../base/atomic-write.ts'

/**
 * Writes into package.json what npm must be told by name and the commands know already: their names
 * on PATH, and the man pages that the build made. npm links man pages that are listed one by one,
 * not a folder of them.
 */
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, unknown>
const text = JSON.stringify(
  {
    ...manifest,
    bin: Object.fromEntries(['sluice', ...OWN_NAMES].map(name => [name, `dist/bin/${name}`])),
    man: readdirSync('dist/man/man1')
      .sort()
      .map(name => `dist/man/man1/${name}`),
  },
  null,
  2,
)
if (`${text}\n` !== readFileSync('package.json', 'utf8')) replaceFile('package.json', `${text}\n`)
