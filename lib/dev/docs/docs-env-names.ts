import { registry } from '../../../cmd/registry.ts'
import { kebab } from '../../base/flags.ts'
import { allFlags } from '../../cli/common-flags.ts'
import { FLAG_NAMES, OTHER_NAMES } from '../../cli/env-names.ts'

/** A table of the names of the environment that are not made of command and flag. */
export async function envNameReference(): Promise<string> {
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
