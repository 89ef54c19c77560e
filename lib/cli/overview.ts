import type { Registry } from './cli.ts'
import { wrap } from './help.ts'

/** What `sluice` without a command prints. */
export async function overview(registry: Registry): Promise<string> {
  const rows: string[] = []
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    rows.push(`  ${name.padEnd(14)}${wrap(command.summary, 16).trimStart()}`)
  }
  return [
    'sluice — commands for trading Solana tokens, chained by NDJSON lines',
    '',
    'Usage: sluice COMMAND [flags]     sluice COMMAND --help',
    '',
    ...rows,
    '',
    'Live, on paper:  discover --source sim | features | predict | gate | execute',
    "In one process:  sluice run 'discover --source sim | features | predict | gate'",
    '',
  ].join('\n')
}
