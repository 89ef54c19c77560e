import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { camel } from '../base/flags.ts'
import { tell } from '../cli/log.ts'

/**
 * Starts a command (step or tool) or a source of discover: its files, a case that passes, and its
 * row in the list of its kind.
 */
const [name = '', kind = 'step'] = process.argv.slice(2)
const KINDS = { step: newStep, tool: newTool, source: newSource } as const

/** What a start takes: new files by path, and one list that gets a row. */
interface Start {
  files: Record<string, string>
  list: { path: string; change(text: string): string }
}

if (!/^[a-z][a-z0-9-]*$/.test(name) || !Object.hasOwn(KINDS, kind)) {
  tell('usage: make new name=lower-case-name kind=step|source|tool')
  process.exitCode = 2
} else create(KINDS[kind as keyof typeof KINDS]())

function create({ files, list }: Start): void {
  const taken = Object.keys(files).find(existsSync)
  if (taken !== undefined) {
    tell(`${taken} is there already`)
    process.exitCode = 2
    return
  }
  const before = readFileSync(list.path, 'utf8')
  const after = list.change(before)
  if (after === before) throw new Error(`${list.path}: no place for a row of ${name}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  writeFileSync(list.path, after)
  tell(
    `made ${Object.keys(files).join(', ')} and a row in ${list.path}; next: write the case, ` +
      `then the ${kind}, then make docs`,
  )
}

function newStep(): Start {
  const maker = camel(`make-${name}`)
  return {
    files: {
      [`cmd/${name}.ts`]: `import { step } from '../lib/cli/command.ts'

export default step({
  name: '${name}',
  summary: 'Say what it does in one line',
  flags: {},
  reads: [],
  writes: [],
  examples: ['${name}'],
  async make(ctx) {
    const { ${maker} } = await import('../lib/${name}.ts')
    return ${maker}(ctx.flags)
  },
})
`,
      [`lib/${name}.ts`]: `import type { Step } from './stream/step.ts'

/** Say what it adds to a line. */
export function ${maker}(_flags: object): Step {
  return { line: (line, emit) => emit(line) }
}
`,
      ...caseOf(`test/cases/${name}/001-empty.case`, `sluice ${name}`),
    },
    list: rowInGroup('line'),
  }
}

function newTool(): Start {
  return {
    files: {
      [`cmd/${name}.ts`]: `import { tool } from '../lib/cli/command.ts'

export default tool({
  name: '${name}',
  summary: 'Say what it does in one line',
  flags: {},
  examples: ['sluice ${name}'],
  async run(_ctx, out) {
    await out.write('')
  },
})
`,
      ...caseOf(`test/cases/${name}/001-empty.case`, `sluice ${name}`),
    },
    list: rowInGroup('tools'),
  }
}

function newSource(): Start {
  const declared = readdirSync('lib/sources').filter(file => file.startsWith('from-'))
  const owner = declared.find(file =>
    readFileSync(`lib/sources/${file}`, 'utf8').includes(`name: '${name}',`),
  )
  const path = `lib/sources/${owner ?? `from-${name}.ts`}`
  const constant = camel(`from-${name}`)
  return {
    files: {
      [path]: `import { sourceKind } from './source.ts'

/** Say where its lines come from. */
export const ${constant} = sourceKind({
  name: '${name}',
  summary: 'say what it gives in a few words',
  gives: [],
  needs: 'say what it needs',
  flags: {},
  hasFiles: false,
  make: () => ({ async *lines() {} }),
})
`,
      ...caseOf(`test/cases/discover/${name}.case`, `discover --source ${name} --quiet`),
    },
    list: {
      path: 'lib/sources/sources.ts',
      change: text => withRow(text, constant, `./from-${name}.ts`),
    },
  }
}

function caseOf(path: string, command: string): Record<string, string> {
  return { [path]: `# says nothing yet\n$ ${command}\nexit 0\n` }
}

/** A row at the head of a group of commands. */
function rowInGroup(group: string): Start['list'] {
  const key = name.includes('-') ? `'${name}'` : name
  const row = `    ${key}: () => import('./${name}.ts'),\n`
  return {
    path: 'cmd/registry.ts',
    change: text => text.replace(`  ${group}: {\n`, head => head + row),
  }
}

/** The list of sources with one more at its end, and its import where the alphabet wants it. */
function withRow(text: string, constant: string, path: string): string {
  const imports = [...text.matchAll(/^import \{ \w+ \} from '(\.\/[\w-]+\.ts)'\n/gm)]
  const next = imports.find(([, other]) => other! > path)
  const last = imports.at(-1)!
  const at = next?.index ?? last.index + last[0].length
  const line = `import { ${constant} } from '${path}'\n`
  const whole = text.slice(0, at) + line + text.slice(at)
  return whole.replace(
    /(SOURCES: readonly SourceKind\[\] = \[\n(?: {2}\w+,\n)+)/,
    `$1  ${constant},\n`,
  )
}
