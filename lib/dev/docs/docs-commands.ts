import { registry } from '../../../cmd/registry.ts'
import { allFlags } from '../../cli/common-flags.ts'
import { helpOf } from '../../cli/manual/help.ts'

/** Help of every command, as the commands print it. */
export async function commandReference(): Promise<string> {
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
