import type { Command, Output } from './command.ts'
import { allFlags } from './common-flags.ts'
import { Failure, messageOf, UsageError } from './errors.ts'
import { helpOf } from './help.ts'
import { surviveClosedStderr, tell } from './log.ts'
import { openStage, type Prepared, prepare, type Surroundings } from './prepare.ts'
import { type Signals, watchSignals } from './signals.ts'
import { readLines } from './stream/reader.ts'
import { pump } from './stream/run.ts'
import { flushed, makeSink, type Sink } from './stream/sink.ts'
import { didYouMean } from './suggest.ts'
import { versionText } from './version.ts'

export type Registry = Record<string, () => Promise<{ default: Command }>>

/** Runs one command line from start to exit code. The only place that catches; it never calls process.exit. */
export async function main(name: string, argv: readonly string[], registry: Registry): Promise<void> {
  surviveClosedStderr()
  try {
    await dispatch(name, argv, registry)
  } catch (error) {
    process.exitCode = report(name, error)
  } finally {
    await flushed(process.stdout)
  }
}

/** One line on stderr; a stack only for bugs, or with DEBUG. Returns the exit code. */
function report(name: string, error: unknown): number {
  const isKnown = error instanceof Failure
  tell(`${name}: ${messageOf(error)}${error instanceof UsageError ? ` (see ${name} --help)` : ''}`)
  if ((!isKnown || process.env.DEBUG) && error instanceof Error) tell(error.stack ?? '')
  return isKnown ? error.code : 70
}

async function dispatch(name: string, argv: readonly string[], registry: Registry): Promise<void> {
  const load = registry[name]
  if (load === undefined || !Object.hasOwn(registry, name)) {
    throw new UsageError(`no such command${didYouMean(name, Object.keys(registry))}`)
  }
  const { default: command } = await load()
  const beforeDashes = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  if (beforeDashes.some(word => word === '--help' || word === '-h')) {
    process.stdout.write(helpOf(command, allFlags(command.kind, command.flags)))
  } else if (beforeDashes.includes('--version')) process.stdout.write(`${versionText()}\n`)
  else if (command.kind === 'step' && process.stdin.isTTY) {
    tell(helpOf(command, allFlags(command.kind, command.flags)))
    throw new UsageError('reads lines from a pipe or a file, not from a terminal')
  } else await runWithSignals(command, argv, registry)
}

async function runWithSignals(command: Command, argv: readonly string[], registry: Registry): Promise<void> {
  const signals = watchSignals()
  const around: Surroundings = { env: process.env, commands: Object.keys(registry), signal: signals.signal }
  const prepared = prepare(command, argv, around)
  try {
    await runCommand(prepared, signals)
    process.exitCode ??= signals.exitCode()
  } finally {
    prepared.rejects.close()
    await prepared.flushLog()
    signals.release()
  }
}

async function runCommand(prepared: Prepared, signals: Signals): Promise<void> {
  const sink = makeSink(process.stdout, signals.stop)
  const { command, ctx } = prepared
  if (command.kind === 'tool') await command.run(ctx, { write: async text => sink.write(text) })
  else if (command.kind === 'source') await runSource(prepared, sink, signals)
  else await runStep(prepared, sink)
}

async function runStep(prepared: Prepared, sink: Sink): Promise<void> {
  const stage = await openStage(prepared)
  try {
    await pump(readLines(process.stdin, stage.intake), [stage], sink)
  } finally {
    process.stdin.destroy()
    if (!prepared.common.quiet) tell(stage.meter.summary(stage.name, stage.intake.refused()))
  }
}

async function runSource(prepared: Prepared, sink: Sink, signals: Signals): Promise<void> {
  const { command, ctx, meter } = prepared
  if (command.kind !== 'source') throw new Error(`${command.name} is not a source`)
  const source = await command.make(ctx)
  try {
    for await (const lines of source.lines(signals.signal)) {
      meter.out += lines.length
      await sink.lines(lines)
      if (sink.isClosed()) break
    }
  } finally {
    await source.close?.()
    if (!prepared.common.quiet) tell(meter.summary(command.name, 0))
  }
}

export type { Output }
