import type { Log, Output } from '../base/console.ts'
import type { Flags, Names, Values } from '../base/flags.ts'
import type { PartName } from '../records/parts.ts'
import type { EventTime } from '../stream/event-time.ts'
import type { Intake } from '../stream/intake.ts'
import type { Source, Step } from '../stream/step.ts'
import type { Home } from './home.ts'
import type { NamedPlugins } from './named-plugins.ts'

/**
 * What a running command may use besides its input. Everything that is not a function of the input
 * comes from here.
 */
export interface Ctx<F extends Flags = Flags> {
  flags: Values<F>
  args: readonly string[]
  /**
   * Whether somebody set a flag: on the command line, in the environment or in the configuration.
   */
  isSet?(flag: string): boolean
  /** Folder of state, journals, models and the database ($SLUICE_HOME); always absolute. */
  home: string
  /** Who said that it is this folder. */
  homeFrom: Home['from']
  log: Log
  /** Adds to a counter of the closing summary on stderr. */
  count(what: string, by?: number): void
  /** Counts what a source has read besides the lines of `intake`: the `in` of that summary. */
  took?(lines: number): void
  /** Keeps a line that is left out, as one JSON object; absent without --rejects. */
  reject?: ((entry: string) => void) | undefined
  /** Puts any other figure into that summary. */
  note?(what: string, value: string): void
  /** Program that gets each alert as a line on stdin, from the configuration. */
  alertCommand?: string | undefined
  /** Judges the times of its lines; for a step whose state holds what it knows. */
  time: EventTime
  /** Another judge of the same bound, for a clock of its own. */
  makeTime(): EventTime
  /** Fires on SIGINT, SIGTERM or when the reader of our output has gone. */
  signal: AbortSignal
  /** Fires on SIGINT or SIGTERM only; absent where nobody can send them. */
  interrupted?: AbortSignal | undefined
  /** Section `live` of the configuration, unchecked. */
  live?: Record<string, unknown> | undefined
  /** Waits instead of timing out, pins model versions: same input, same bytes. */
  deterministic: boolean
  /**
   * Few of the lines that a source makes are ever written: it may print each when its text is asked
   * for.
   */
  isDeferring?: boolean | undefined
  /**
   * What else decides in this run beside flags, one entry for each foreign program: part of the
   * config hash of decisions.
   */
  identities?: readonly unknown[] | undefined
  /** Environment, for names of files with secrets; values never reach a line or a log. */
  env: Record<string, string | undefined>
  /** Checks lines read from a file, with the same fate for bad ones as on stdin. */
  intake(place: string): Intake
}

/** What may stand after the flags, and what completions offer for it besides files. */
export interface Args {
  name: string
  doc: string
  min?: number
  max?: number
  words?: readonly string[]
  names?: Names | 'commands' | 'topics' | 'parts'
  /** Files may stand where names do. */
  files?: boolean
  /** The first argument is one of these; each says which words may follow, `[…]` = need not. */
  actions?: Record<string, { args: string; doc: string }>
  /** The first one ends the flags: all that follows belongs to it, as to a program. */
  isRest?: boolean
}

interface Base<F extends Flags> {
  name: string
  /** One sentence, no full stop. */
  summary: string
  /** Paragraphs for `--help`, man page and reference, with an empty line between them. */
  details?: string
  flags: F
  /** Positional arguments; none are accepted when absent. */
  args?: Args
  /** Runnable examples. */
  examples: readonly string[]
  /**
   * Whether a run with these flags and arguments keeps anything in $SLUICE_HOME (true: every run
   * does). It then says on stderr where, and refuses to choose between two homes.
   */
  writesHome?: boolean | ((run: Pick<Ctx<F>, 'flags' | 'args'>) => boolean)
  /** Other commands that a first word stands for. */
  instead?: Record<string, Command>
  /** The command with what plugins add to it, for one that takes plugins. Throws UsageError. */
  extend?(named: NamedPlugins): Promise<Command>
  /** Plugins have added to it. */
  isExtended?: boolean
  /** Stream laws that do not apply, each with its reason (test/contract.test.ts). */
  exempt?: Partial<Record<Law, string>>
  /** Arguments that let the contract tests run the command on their generated input. */
  contract?: {
    args: readonly string[]
    /** For sources: arguments of a run that goes on until it is stopped. */
    endless?: readonly string[]
    /** It may have nothing to say on the generated input. */
    silent?: boolean
    /** Lines by which it may keep a line back; none unless said. */
    lag?: number
  }
}

/** Reads lines, writes lines. */
export interface StepCommand<F extends Flags> extends Base<F> {
  kind: 'step'
  /** Parts it reads: checked on every line where they are present. */
  reads: readonly PartName[]
  /** Parts it adds, or whole lines it makes. */
  writes: readonly PartName[]
  /** What it is beside its flags, where that is not of this program: hashes of files. */
  identity?(ctx: Ctx<F>): unknown
  make(ctx: Ctx<F>): Step | Promise<Step>
}

/** Makes lines from files, sockets or a seed. */
export interface SourceCommand<F extends Flags> extends Base<F> {
  kind: 'source'
  writes: readonly PartName[]
  /** As of a step. */
  identity?(ctx: Ctx<F>): unknown
  make(ctx: Ctx<F>): Source | Promise<Source>
}

/** Anything else: reads what it likes, writes text or NDJSON. */
interface ToolCommand<F extends Flags> extends Base<F> {
  kind: 'tool'
  /** Works whatever the configuration holds: who has broken it asks for help first. */
  ignoresConfig?: boolean
  run(ctx: Ctx<F>, out: Output): Promise<void>
}

export type Command<F extends Flags = Flags> = StepCommand<F> | SourceCommand<F> | ToolCommand<F>

/** Commands by name, each loaded when it is wanted. */
export type Registry = Record<string, () => Promise<{ default: Command }>>

/** The laws every streaming command keeps (README, “The laws”). */
const LAWS = [
  'backpressure',
  'broken-pipe',
  'signal',
  'bad-line',
  'stdout-only-data',
  'flags',
  'help',
  'prefix',
  'replay',
  'fusion',
  'order',
  'time',
] as const
export type Law = (typeof LAWS)[number]

/** Declares a step; the flags give `make` its types. */
export const step = <const F extends Flags>(command: Omit<StepCommand<F>, 'kind'>): Command =>
  ({ kind: 'step', ...command }) as unknown as Command
/** Declares a source. */
export const source = <const F extends Flags>(command: Omit<SourceCommand<F>, 'kind'>): Command =>
  ({ kind: 'source', ...command }) as unknown as Command
/** Declares a tool. */
export const tool = <const F extends Flags>(command: Omit<ToolCommand<F>, 'kind'>): Command =>
  ({ kind: 'tool', ...command }) as unknown as Command
