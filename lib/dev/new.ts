import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { camel } from '../base/flags.ts'
import { tell } from '../cli/log.ts'

/** Starts a command: its declaration, its step, a case file, its line in the registry. */
const [name = '', kind = 'step'] = process.argv.slice(2)
const KINDS = ['step', 'source', 'tool']

if (!/^[a-z][a-z0-9-]*$/.test(name) || !KINDS.includes(kind)) {
  tell('usage: make new name=lower-case-name kind=step|source|tool')
  process.exitCode = 2
} else if (existsSync(`cmd/${name}.ts`)) {
  tell(`cmd/${name}.ts is there already`)
  process.exitCode = 2
} else create()

function create(): void {
  const maker = camel(`make-${name}`)
  const head =
    `import { ${kind} } from '../lib/cli/command.ts'\n\nexport default ${kind}({\n  name: ` +
    `'${name}',\n`
  const body = "  summary: 'Say what it does in one line',\n  flags: {},\n"
  mkdirSync(`test/cases/${name}`, { recursive: true })
  writeFileSync(`cmd/${name}.ts`, head + body + declarationOf(maker))
  if (kind !== 'tool') writeFileSync(`lib/${name}.ts`, moduleOf(maker))
  writeFileSync(
    `test/cases/${name}/001-empty.case`,
    `# does nothing with no input\n$ sluice ${name}\nexit 0\n`,
  )
  const registry = readFileSync('cmd/registry.ts', 'utf8')
  const group = kind === 'tool' ? '  tools: {\n' : '  line: {\n'
  writeFileSync(
    'cmd/registry.ts',
    registry.replace(group, `${group}    '${name}': () => import('./${name}.ts'),\n`),
  )
  tell(
    `made cmd/${name}.ts, its case file and its line in cmd/registry.ts; next: write the ` +
      `case, then the ${kind}, then make docs`,
  )
}

function declarationOf(maker: string): string {
  if (kind === 'tool')
    return (
      `  examples: ['sluice ${name}'],\n  async run(ctx, out) {\n    await ` +
      `out.write(\`\${ctx.home}\\n\`)\n  },\n})\n`
    )
  const reads = kind === 'step' ? '  reads: [],\n' : ''
  return (
    `${reads}  writes: [],\n  examples: ['${name}'],\n  async make(ctx) {\n    const { ` +
    `${maker} } = await import('../lib/${name}.ts')\n    return ${maker}(ctx.flags)\n  },\n})\n`
  )
}

function moduleOf(maker: string): string {
  if (kind === 'source') {
    return (
      `import type { Source } from './stream/step.ts'\n\n/** Say what it makes. */\nexport ` +
      `function ${maker}(_flags: object): Source {\n  return { async *lines() {} }\n}\n`
    )
  }
  return (
    `import type { Step } from './stream/step.ts'\n\n/** Say what it adds to a line. ` +
    `*/\nexport function ${maker}(_flags: object): Step {\n  return { line: (line, emit) => ` +
    'emit(line) }\n}\n'
  )
}
