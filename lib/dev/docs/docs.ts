import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { registry } from '../../../cmd/registry.ts'
import { allFlags } from '../../cli/common-flags.ts'
import { tell } from '../../cli/log.ts'
import { helpOf } from '../../cli/manual/help.ts'
import { envNameReference } from './docs-env-names.ts'
import { featureReference } from './docs-features.ts'
import { fieldReference } from './docs-fields.ts'
import { firstScreen } from './docs-first-screen.ts'
import { faultsOf, PAGES, roomsWithoutName } from './docs-pages.ts'
import { ruleReference } from './docs-rules.ts'
import { tableReference } from './docs-tables.ts'

/**
 * Fills the generated blocks of the pages from the declarations, or (--check) fails when they
 * differ from what stands there, when a link of a page leads nowhere or README is too long. A block
 * runs from `<!-- generated:NAME -->` to `<!-- /generated -->`.
 */
const BLOCKS: Record<string, () => Promise<string>> = {
  'first-screen': firstScreen,
  features: featureReference,
  commands: commandReference,
  rules: ruleReference,
  fields: fieldReference,
  tables: tableReference,
  'env-names': envNameReference,
}

const isWriting = process.argv.includes('--write')
const used = new Set<string>()
for (const path of PAGES) {
  const before = readFileSync(path, 'utf8')
  const after = await filled(path, before)
  if (isWriting) writeFileSync(path, after)
  else if (after !== before)
    fail(`${path} differs from what the declarations generate; run make docs`)
}
for (const name of Object.keys(BLOCKS)) if (!used.has(name)) fail(`no page has the block ${name}`)
for (const fault of faultsOf(PAGES)) fail(fault)
const rooms = readdirSync('lib', { withFileTypes: true }).filter(entry => entry.isDirectory())
const names = rooms.map(({ name }) => name)
for (const room of roomsWithoutName(readFileSync('lib/README.md', 'utf8'), names))
  fail(`lib/README.md says nothing of lib/${room}`)

async function filled(path: string, text: string): Promise<string> {
  const block = /<!-- generated:([a-z-]+) -->\n[\s\S]*?<!-- \/generated -->/g
  let after = ''
  let from = 0
  for (const found of text.matchAll(block)) {
    const name = found[1]!
    const make = BLOCKS[name]
    if (make === undefined) throw new Error(`${path} has a block ${name} that nothing generates`)
    used.add(name)
    after += `${text.slice(from, found.index)}<!-- generated:${name} -->\n${await make()}`
    after += '<!-- /generated -->'
    from = found.index + found[0].length
  }
  return after + text.slice(from)
}

function fail(message: string): void {
  tell(message)
  process.exitCode = 1
}

/** Help of every command, as the commands print it. */
async function commandReference(): Promise<string> {
  const rows: string[] = ['| command | what it does |', '|---|---|']
  const sections: string[] = []
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    rows.push(`| [\`${name}\`](#${name}) | ${command.summary} |`)
    const help = helpOf(command, allFlags(command.kind, command.flags)).trimEnd()
    sections.push(`### ${name}\n\n\`\`\`text\n${help}\n\`\`\``)
  }
  return `${rows.join('\n')}\n\n${sections.join('\n\n')}\n\n`
}
