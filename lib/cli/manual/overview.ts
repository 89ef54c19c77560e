import type { Registry } from '../command.ts'
import type { Manual, Section } from './manual.ts'
import { TOPICS } from './topics.ts'

/** Commands by the title of their group. */
export type Groups = Record<string, Registry>

/**
 * What `sluice` without a command says: commands by group, and the topics of `sluice help`. What
 * PATH adds on a machine stands behind it (path-program.ts).
 */
export async function overviewOf(groups: Groups): Promise<Manual> {
  const sections: Section[] = []
  for (const [group, commands] of Object.entries(groups)) {
    const rows: [string, string][] = []
    for (const [name, load] of Object.entries(commands))
      rows.push([name, (await load()).default.summary])
    sections.push({ title: capital(group), rows })
  }
  const topics = Object.entries(TOPICS).map(([name, { summary }]) => [name, summary] as const)
  return {
    name: 'sluice',
    summary: 'commands for trading Solana tokens, chained by NDJSON lines',
    usage: 'sluice COMMAND [flags]     sluice help COMMAND|TOPIC',
    column: 15,
    sections: [
      ...sections,
      { title: 'Topics of help', rows: topics },
      {
        title: 'Examples',
        code: [
          'discover --source sim | features | predict | gate | execute     live, on paper',
          "sluice run 'discover --source sim | features | predict | gate'  in one process",
        ],
      },
    ],
  }
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
