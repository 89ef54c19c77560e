import { readFileSync, writeFileSync } from 'node:fs'
import { tell } from '../cli/log.ts'
import { commandReference } from './docs-commands.ts'
import { featureReference } from './docs-features.ts'
import { fieldReference } from './docs-fields.ts'
import { firstScreen } from './docs-first-screen.ts'

/**
 * Fills the generated blocks of README.md from the declarations, or (--check) fails when they
 * differ from what stands there. A block runs from `<!-- generated:NAME -->` to `<!-- /generated
 * -->`.
 */
const BLOCKS: Record<string, () => Promise<string>> = {
  'first-screen': firstScreen,
  features: featureReference,
  commands: commandReference,
  fields: fieldReference,
}

const path = 'README.md'
const before = readFileSync(path, 'utf8')
let after = before
for (const [name, make] of Object.entries(BLOCKS)) {
  const start = `<!-- generated:${name} -->`
  const [from, to] = [
    after.indexOf(start),
    after.indexOf('<!-- /generated -->', after.indexOf(start)),
  ]
  if (from < 0 || to < 0) throw new Error(`${path} has no block ${name}`)
  after = `${after.slice(0, from + start.length)}\n${await make()}${after.slice(to)}`
}

if (process.argv.includes('--write')) writeFileSync(path, after)
else if (after !== before) {
  tell(`${path} differs from what the declarations generate; run make docs`)
  process.exitCode = 1
}
