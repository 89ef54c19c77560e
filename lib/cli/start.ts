import { settleModes } from '../base/modes.ts'
import { readLines } from '../stream/reader.ts'
import { pump } from '../stream/run.ts'
import { makeSink, type Sink } from '../stream/sink.ts'
import type { Command } from './command.ts'
import { isShared } from './common-flags.ts'
import { tell } from './log.ts'
import { extended } from './named-plugins.ts'
import {
  openStage,
  type Prepared,
  prepare,
  type Surroundings,
  sourceSummary,
  tellHome,
} from './prepare.ts'
import { type Signals, watchSignals } from './signals.ts'

/**
 * Runs a command that has passed the look at its name and its --help. Loads the stream layer and
 * the schemas.
 */
export async function start(
  command: Command,
  argv: readonly string[],
  commands: readonly string[],
): Promise<void> {
  const signals = watchSignals()
  try {
    await startUnder(signals, command, argv, commands)
  } finally {
    signals.release()
  }
}

async function startUnder(
  signals: Signals,
  command: Command,
  argv: readonly string[],
  commands: readonly string[],
): Promise<void> {
  const around: Surroundings = {
    env: process.env,
    commands,
    signal: signals.signal,
    interrupted: signals.interrupted,
  }
  const prepared = prepare(await extended(command, argv, around), argv, around)
  settleModes(isShared(prepared.ctx.env))
  // What this process starts (keep, alert programs, threads) stands where it stands.
  for (const [name, value] of Object.entries(prepared.ctx.env))
    if (value !== undefined && process.env[name] !== value) process.env[name] = value
  try {
    await runCommand(prepared, signals)
    process.exitCode ??= signals.exitCode()
  } finally {
    prepared.rejects.close()
    await prepared.flushLog()
  }
}

async function runCommand(prepared: Prepared, signals: Signals): Promise<void> {
  const sink = makeSink(process.stdout, signals.stop)
  const { command, ctx } = prepared
  if (command.kind === 'tool') {
    tellHome(prepared)
    await command.run(ctx, { write: async text => sink.write(text) })
  } else if (command.kind === 'source') await runSource(prepared, sink, signals)
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
  tellHome(prepared)
  const source = await command.make(ctx)
  try {
    for await (const lines of source.lines(signals.signal)) {
      meter.out += lines.length
      await sink.lines(lines)
      if (sink.isClosed()) break
    }
  } finally {
    await source.close?.()
    if (!prepared.common.quiet) tell(sourceSummary(prepared))
  }
}
