import { exitCodeOf, messageOf, show, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { flushed } from '../../stream/sink.ts'
import type { Command, Registry } from '../command.ts'
import { allFlags } from '../common-flags.ts'
import { surviveClosedStderr, tell } from '../log.ts'
import { helpOf, sectionText } from '../manual/help.ts'
import { actionsOf } from '../manual/manual.ts'
import { versionText } from '../version.ts'

/**
 * Runs one command line from start to exit code. The only place that catches; it never calls
 * process.exit.
 */
export async function main(
  name: string,
  argv: readonly string[],
  registry: Registry,
): Promise<void> {
  surviveClosedStderr()
  try {
    await dispatch(name, argv, registry)
  } catch (error) {
    process.exitCode = report(name, error, hintFor(name, registry))
  } finally {
    await flushed(process.stdout)
  }
}

/** Where a wrong call is put right; it names only what there is. */
const hintFor = (name: string, registry: Registry): string =>
  name !== 'help' && Object.hasOwn(registry, name) ? `${name} --help` : 'sluice help'

/** One line on stderr; a stack only for bugs, or with DEBUG. Returns the exit code. */
function report(name: string, error: unknown, hint: string): number {
  const code = exitCodeOf(error)
  const who = show(name).slice(1, -1)
  tell(`${who}: ${messageOf(error)}${error instanceof UsageError ? ` (see ${hint})` : ''}`)
  if ((code === 70 || process.env.DEBUG) && error instanceof Error) tell(error.stack ?? '')
  return code
}

/** Behind its first word a program is named, whose flags are its own. */
const isRest = (command: Command): boolean => command.args?.isRest === true

async function dispatch(name: string, given: readonly string[], registry: Registry): Promise<void> {
  const load = registry[name]
  if (load === undefined || !Object.hasOwn(registry, name)) {
    process.exitCode = await runOther(name, given, Object.keys(registry))
    return
  }
  const { default: named } = await load()
  const [word = '', ...words] = given
  const other = Object.hasOwn(named.instead ?? {}, word) ? named.instead?.[word] : undefined
  const [command, argv] = other === undefined ? [named, given] : [other, words]
  const ends = argv.findIndex(word => word === '--' || (isRest(command) && !word.startsWith('-')))
  const beforeDashes = ends < 0 ? argv : argv.slice(0, ends)
  if (beforeDashes.some(word => word === '--help' || word === '-h')) {
    const shown = await shownCommand(command, argv, Object.keys(registry))
    process.stdout.write(helpOf(shown, allFlags(shown.kind, shown.flags)))
  } else if (beforeDashes.includes('--version')) process.stdout.write(`${versionText()}\n`)
  else if (command.args?.actions && argv.length === 0) {
    tell(`${sectionText(actionsOf(command.args.actions))}\n`)
    throw new UsageError(`needs ${command.args.name}`)
  } else if (command.kind === 'step' && process.stdin.isTTY) {
    tell(helpOf(command, allFlags(command.kind, command.flags)))
    throw new UsageError('reads lines from a pipe or a file, not from a terminal')
  } else {
    const { start } = await import('../start.ts')
    await start(command, argv, Object.keys(registry))
  }
}

/** Help tells the flags of plugins that stand beside --help, and loads nothing otherwise. */
async function shownCommand(
  command: Command,
  argv: readonly string[],
  commands: readonly string[],
): Promise<Command> {
  if (!argv.some(word => /^--plugin(=|$)/.test(word))) return command
  const { extended } = await import('../named-plugins.ts')
  return extended(command, argv, { env: process.env, commands })
}

/** A command that is not ours: the program sluice-NAME of PATH. Gives its exit code. */
async function runOther(
  name: string,
  argv: readonly string[],
  commands: readonly string[],
): Promise<number> {
  const { namesOnPath, programOnPath } = await import('../path-program.ts')
  const { PATH } = process.env
  const program = programOnPath(name, PATH)
  if (program !== undefined) return (await import('../run-outside.ts')).runOutside(program, argv)
  throw new UsageError(`no such command${didYouMean(name, [...commands, ...namesOnPath(PATH)])}`)
}
