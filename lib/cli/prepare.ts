import { UsageError } from '../base/errors.ts'
import type { Values } from '../base/flags.ts'
import { shownSetting } from '../base/secrets.ts'
import { type EventTime, makeEventTime } from '../stream/event-time.ts'
import { type Intake, makeIntake } from '../stream/intake.ts'
import { type Meter, makeMeter } from '../stream/meter.ts'
import type { Stage } from '../stream/run.ts'
import { timed } from '../stream/timed-step.ts'
import { type Given, parseArgv, parseFlag } from './argv.ts'
import type { Command, Ctx } from './command.ts'
import { allFlags, type CommonFlags } from './common-flags.ts'
import { type Config, type Environment, readConfig, resolve } from './config.ts'
import { withEnvFile } from './env-file.ts'
import { withOtherNames } from './env-names.ts'
import { type Home, homeChoices, homeOf, passedOver, tellOnce } from './home.ts'
import { makeLog } from './log.ts'
import { makeRejects, type Rejects } from './rejects.ts'

/** `keep` sets it for what it starts. */
const KEPT = 'SLUICE_KEPT'

/** Where settings come from besides the command line. */
export interface Surroundings {
  env: Environment
  /** Names of all commands: the sections that a configuration may have. */
  commands: readonly string[]
  signal: AbortSignal
  interrupted?: AbortSignal
  /** Forces --deterministic: set where bytes must be repeatable (run, backtest, verify). */
  isDeterministic?: boolean
  /** Sources may print their lines late (backtest). */
  isDeferring?: boolean
}

/** A command line turned into what a run needs. */
export interface Prepared {
  command: Command
  ctx: Ctx
  common: Partial<Values<CommonFlags>>
  meter: Meter
  rejects: Rejects
  home: Home
  /** This run keeps something in the home. */
  writesHome: boolean
  /** Of the files that the command reads itself. */
  files: readonly Intake[]
  flushLog(): Promise<void>
}

/** Parses and validates everything about one command before anything runs. Throws UsageError. */
export function prepare(command: Command, argv: readonly string[], around: Surroundings): Prepared {
  const flags = allFlags(command.kind, command.flags)
  const given = parseArgv(command, flags, argv)
  const ignoresConfig = command.kind === 'tool' && command.ignoresConfig === true
  const { env, home } = ignoresConfig
    ? { env: { ...around.env, ...sharedIn(given) }, home: NOWHERE }
    : placeOf(command, around.env, given)
  const config = ignoresConfig ? {} : readConfig(home.path, around.commands)
  const { values, origins } = resolve(command, flags, { given, env, config, home: home.path })
  const common: Partial<Values<CommonFlags>> = values
  const meter = makeMeter()
  const log = makeLog(command.name)
  const rejects = makeRejects(common)
  const files: Intake[] = []
  const { maxJump = Number.POSITIVE_INFINITY } = common
  const makeTime = (): EventTime => makeEventTime(maxJump)
  const ctx: Ctx = {
    flags: values as never,
    args: given.args,
    isSet: flag => !['default', 'unset'].includes(origins[flag] ?? 'unset'),
    home: home.path,
    homeFrom: home.from,
    env,
    log,
    count: (what, by) => meter.count(what, by),
    reject: common.rejects === undefined ? undefined : rejects.policy.reject,
    took: lines => {
      meter.in += lines
    },
    note: (what, value) => meter.note(what, value),
    time: makeTime(),
    makeTime,
    alertCommand: commandOf(config),
    signal: around.signal,
    interrupted: around.interrupted,
    live: config.live,
    deterministic: common.deterministic === true || around.isDeterministic === true,
    isDeferring: around.isDeferring,
    intake: place => {
      const intake = makeIntake([], rejects.policy, place)
      files.push(intake)
      if (command.kind === 'source') meter.count('files')
      return intake
    },
  }
  const prepared = { command, ctx, common, meter, rejects, files, flushLog: log.flush }
  return { ...prepared, home, writesHome: checkHome(command, ctx, home) }
}

/** What a source has read, written and passed over, told when it has ended. */
export function sourceSummary({ command, meter, files }: Prepared): string {
  const sum = (of: (intake: Intake) => number): number =>
    files.reduce((total, intake) => total + of(intake), 0)
  meter.in += sum(intake => intake.seen())
  const bytes = sum(intake => intake.bytes())
  if (bytes > 0) meter.count('bytes', bytes)
  return meter.summary(
    command.name,
    sum(intake => intake.refused()),
  )
}

/** Of commands that answer whatever there is: no file can be in it. */
const NOWHERE: Home = { path: '/dev/null', from: 'flag' }

/**
 * The environment with what `--env-file` adds and the home that it names. What a command starts
 * finds the same home.
 */
function placeOf(
  { name }: Command,
  around: Environment,
  given: Given,
): { env: Environment; home: Home } {
  const all = withEnvFile(around, given.flags.get('envFile'))
  // Doctor tells of a stray name among the rest.
  const env = name === 'doctor' ? all : withOtherNames(all)
  const home = homeOf(env, given.flags.get('home'))
  return {
    env: {
      ...env,
      ...(home.from !== 'default' && { SLUICE_HOME: home.path }),
      ...sharedIn(given),
    },
    home,
  }
}

/**
 * What --shared says, for this command and for what it starts. Throws UsageError where it is
 * neither true nor false.
 */
function sharedIn({ flags }: Given): { SLUICE_SHARED?: string } {
  const shared = flags.get('shared')
  if (shared === undefined) return {}
  parseFlag('--shared', allFlags('tool', {}).shared!, shared)
  return { SLUICE_SHARED: shared }
}

/** Whether this run writes in the home. Throws UsageError where it would while two may be meant. */
function checkHome({ name, writesHome = false }: Command, ctx: Ctx, home: Home): boolean {
  const writes = typeof writesHome === 'boolean' ? writesHome : writesHome(ctx)
  const data = passedOver(home)
  if (data === undefined) return writes
  if (writes) throw new UsageError(homeChoices(home, data))
  // Doctor finds it itself.
  if (name !== 'doctor') tellOnce(`${name}: warning: ${homeChoices(home, data)}`)
  return writes
}

/**
 * Says where a run that writes in the home does so. `--quiet` leaves that out only where the home
 * was named.
 */
export function tellHome({ command, common, home, writesHome }: Prepared): void {
  if (writesHome && !(common.quiet && home.from !== 'default'))
    tellOnce(`${command.name}: home ${home.path}`)
}

/** `alert.command` of the configuration. Throws UsageError when it is not text. */
function commandOf({ alert }: Config): string | undefined {
  const command = alert?.command
  if (command === undefined || (typeof command === 'string' && command !== '')) return command
  throw new UsageError(
    `config.json: alert.command: expected a command line, got ${shownSetting(command)}`,
  )
}

/** The running form of a prepared step. In a fused run `place` names it in messages. */
export async function openStage(prepared: Prepared, place = ''): Promise<Stage> {
  const { command, ctx, meter, rejects } = prepared
  if (command.kind !== 'step') throw new Error(`${command.name} is not a step`)
  tellHome(prepared)
  const made = await command.make(ctx)
  const isTimed = made.isTimed === true || command.exempt?.time !== undefined
  const step = isTimed ? made : timed(made, ctx.time, { count: ctx.count, warn: ctx.log.warn })
  const policy = { ...rejects.policy, isKept: ctx.env[KEPT] === '1' }
  return { name: command.name, step, intake: makeIntake(command.reads, policy, place), meter }
}

/** Opens steps in order; those already open are closed again when a later one fails. */
export async function openStages(all: readonly Prepared[]): Promise<Stage[]> {
  const stages: Stage[] = []
  try {
    for (const prepared of all) stages.push(await openStage(prepared, prepared.command.name))
    return stages
  } catch (error) {
    for (const stage of stages) await stage.step.close?.()
    throw error
  }
}
