import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { registry } from '../../../cmd/registry.ts'
import { kebab } from '../../base/flags.ts'
import { allFlags } from '../../cli/common-flags.ts'
import { FLAG_NAMES, OTHER_NAMES } from '../../cli/env-names.ts'
import { tell } from '../../cli/log.ts'
import { helpOf } from '../../cli/manual/help.ts'
import { SET_NAMES, SETS } from '../../features/sets.ts'
import { fieldReference } from './docs-fields.ts'
import { firstScreen } from './docs-first-screen.ts'
import { faultsOf, PAGES, roomsWithoutName } from './docs-pages.ts'
import { recipeReference } from './docs-recipe.ts'
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
  recipe: recipeReference,
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

/**
 * One table per feature set: every feature in vector order with unit, definition, warm-up and
 * source.
 */
async function featureReference(): Promise<string> {
  const sections = SET_NAMES.map(name => {
    const { features, kinds, scope, ready, hash } = SETS[name]
    const rows = features.map(
      feature =>
        `| \`${feature.name}@${feature.version}\` | ${feature.unit} | ` +
        `${feature.definition.replaceAll('|', '\\|')} | ${feature.warmup} | ` +
        `${feature.source} |`,
    )
    const head = '| feature | unit | definition | warm-up | from |\n|---|---|---|---|---|'
    return (
      `### set ${name}\n\nOn ${kinds.join(' and ')} lines, from lines of ` +
      `${scope === 'mint' ? 'the same token' : 'all tokens'}. ` +
      `${ready === undefined ? '' : `Ready with ${ready}. `}` +
      `Hash \`${hash}\`.\n\n${head}\n${rows.join('\n')}`
    )
  })
  return `${sections.join('\n\n')}\n\n`
}

/** A table of the names of the environment that are not made of command and flag. */
async function envNameReference(): Promise<string> {
  const flags = new Map<string, string[]>(FLAG_NAMES.map(name => [name, []]))
  for (const [command, load] of Object.entries(registry)) {
    const { default: declared } = await load()
    for (const [key, { env }] of Object.entries(allFlags(declared.kind, declared.flags)))
      if (env !== undefined) flags.get(env)?.push(`\`${command} --${kebab(key)}\``)
  }
  const ours = [...flags].map(([name, where]) => `| \`${name}\` | ${where.join(', ')} |`)
  const others = Object.entries(OTHER_NAMES).map(([name, { says }]) => `| \`${name}\` | ${says} |`)
  return `| name | is |\n|---|---|\n${[...ours, ...others].join('\n')}\n`
}
