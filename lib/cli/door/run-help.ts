import type { Output } from '../../base/console.ts'
import { show, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { allFlags } from '../common-flags.ts'
import { helpOf, helpText } from '../manual/help.ts'
import { type Groups, overviewOf } from '../manual/overview.ts'
import { TOPICS } from '../manual/topics.ts'
import { namesOnPath, overviewOfPath, programOnPath } from '../path-program.ts'
import { runOutside } from '../run-outside.ts'

/**
 * `sluice help [WORD]`: the overview, the help of a command, a topic, or what a program on PATH
 * says of itself. Throws UsageError for any other word.
 */
export async function runHelp(
  word: string | undefined,
  { groups, path }: { groups: Groups; path: string | undefined },
  out: Output,
): Promise<void> {
  const names = Object.values(groups).flatMap(commands => Object.keys(commands))
  if (word === undefined)
    return out.write(helpText(await overviewOf(groups)) + overviewOfPath(path, names))
  for (const commands of Object.values(groups)) {
    if (!Object.hasOwn(commands, word)) continue
    const { default: command } = await commands[word]!()
    return out.write(helpOf(command, allFlags(command.kind, command.flags)))
  }
  if (Object.hasOwn(TOPICS, word)) return out.write(helpText({ name: word, ...TOPICS[word]! }))
  const program = programOnPath(word, path)
  if (program !== undefined) {
    process.exitCode = await runOutside(program, ['--help'])
    return
  }
  const known = [...names, ...Object.keys(TOPICS), ...namesOnPath(path)]
  throw new UsageError(`no command or topic ${show(word).slice(1, -1)}${didYouMean(word, known)}`)
}
