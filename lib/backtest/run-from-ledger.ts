import { checkFiles } from '../base/bytes.ts'
import type { Output } from '../base/console.ts'
import { UsageError } from '../base/errors.ts'
import type { Ctx } from '../cli/command.ts'
import { type Pipeline, runOpened } from '../cli/fused.ts'
import { tell } from '../cli/log.ts'
import { makeCourses } from '../report/diff/courses.ts'
import { type Diff, diffOf, type Side } from '../report/diff/divergences.ts'
import { diffLines, diffText } from '../report/diff/run-diff.ts'
import { percent, row } from '../report/report-text.ts'
import { cashIn, readTrades } from '../report/run-report.ts'
import { encode } from '../stream/encode.ts'
import type { Sink } from '../stream/sink.ts'
import type { Step } from '../stream/step.ts'
import { RELEASE_CHAIN, readChain } from '../trade/chain-profile.ts'
import type { ExecuteFlags } from '../trade/execute/execute-flags.ts'
import { executeOptions } from '../trade/execute/execute-plan.ts'
import { withCostsOf } from '../trade/execute/read-costs.ts'
import { type Attempt, makeAttempts } from '../trade/paper/attempts.ts'
import type { BacktestFlags } from './backtest-flags.ts'
import { type BacktestAround, prepareBacktest, stagesOf } from './backtest-stages.ts'
import { makePaperDraws } from './paper-draws.ts'
import { byWeek, type Coverage, type Landings, type Score, scoreOf } from './paper-score.ts'
import { refuseUnrepeatable } from './repeatable.ts'

interface FromLedgerOptions extends Pick<BacktestFlags, 'quiet'> {
  /** The run: its ledger, or its journal of trades. */
  ledger: string
  /** What trades again; undefined = `execute` alone. */
  pipeline: string | undefined
  /** The lines with decisions that the run read; none = the journal of decisions. */
  files: readonly string[]
}

/** The journal that live-paper keeps of what it decided. */
const DECISIONS = ['discover', '--source', 'journal', 'decisions']

/**
 * Trades the decisions of a run again on paper, writes where both differ, and scores the paper
 * model: what it says of each order of the run beside what became of it, by week and in all.
 */
export async function runFromLedger(
  options: FromLedgerOptions,
  { env, signal }: Pick<Ctx, 'env' | 'signal'>,
  out: Output,
): Promise<void> {
  await checkFiles([options.ledger])
  const run = await readRun(options.ledger, signal)
  if (run.attempts.length === 0)
    throw new UsageError(`--from-ledger ${options.ledger}: it holds no order`)
  const around = { env, signal }
  const { stages, pipeline } = await prepared(options, run, around)
  await refuseUnrepeatable(stages, around)
  const made = await replay(pipeline, run, options, signal)
  // Stopped by a signal: what was not read would count as missing.
  if (signal.aborted) return
  await out.write(diffLines(made.diff, options.ledger, REPLAY) + scoreLines(made))
  if (!options.quiet)
    tell((diffText(made.diff, options.ledger, REPLAY) + scoreText(made)).trimEnd())
}

const REPLAY = 'paper'

interface Run {
  attempts: Attempt[]
  side: Side
  /** As a ledger tells it. */
  cash: bigint | undefined
}

async function readRun(path: string, signal: AbortSignal): Promise<Run> {
  const [courses, attempts] = [makeCourses(), makeAttempts()]
  let [isLedger, cash]: [boolean, bigint | undefined] = [false, undefined]
  const told = (head: string): void => {
    isLedger = true
    cash = cashIn(head)
  }
  for await (const rec of readTrades(path, signal, told)) {
    // Divergences are about what was traded: decisions are those of the recording.
    const { decision: _, ...rest } = rec
    courses.take(rest)
    attempts.take(rec)
  }
  return { attempts: attempts.value(), side: { courses: courses.value(), isLedger }, cash }
}

/** The stages of the replay; it begins with the cash of the run unless a flag says otherwise. */
async function prepared(
  { pipeline: text = 'execute', files }: FromLedgerOptions,
  { cash }: Run,
  around: BacktestAround,
): Promise<{ stages: string[][]; pipeline: Pipeline }> {
  const own = stagesOf(text, files)
  const stages = own[0]![0] === 'discover' ? own : [DECISIONS, ...own]
  const pipeline = await prepareBacktest(stages, around)
  if (cash === undefined || pipeline.steps.at(-1)!.ctx.isSet?.('cash') === true)
    return { stages, pipeline }
  const words = [...stages.at(-1)!, '--cash', exactly(cash)]
  const withCash = [...stages.slice(0, -1), words]
  return { stages: withCash, pipeline: await prepareBacktest(withCash, around) }
}

/** Lamports in whole units, as a flag takes them. */
const exactly = (lamports: bigint): string =>
  `${lamports / 1_000_000_000n}.${String(lamports % 1_000_000_000n).padStart(9, '0')}`

interface Replayed {
  diff: Diff
  weeks: [from: number, score: Score][]
  all: Score
}

const NOWHERE: Sink = { write: () => undefined, lines: () => undefined, isClosed: () => false }

async function replay(
  pipeline: Pipeline,
  { attempts, side }: Run,
  { quiet }: FromLedgerOptions,
  signal: AbortSignal,
): Promise<Replayed> {
  const { flags, venue } = await paperOf(pipeline)
  const draws = makePaperDraws(attempts, venue)
  const courses = makeCourses()
  await runOpened(pipeline, {
    sink: NOWHERE,
    signal,
    isQuiet: quiet,
    opened(stages) {
      const last = stages.at(-1)!
      last.step = watched(last.step, draws, courses)
    },
  })
  const odds = draws.value()
  const { slotMs } = flags.chain === undefined ? RELEASE_CHAIN : readChain(flags.chain)
  const score = (some: readonly Attempt[]): Score => scoreOf(some, odds, slotMs)
  return {
    diff: diffOf(side, { courses: courses.value(), isLedger: false }),
    weeks: byWeek(attempts).map(([from, some]) => [from, score(some)]),
    all: score(attempts),
  }
}

/** The model that the trading step fills its orders with, once more. */
async function paperOf({ steps }: Pipeline) {
  const { ctx } = steps.at(-1)!
  const asked = ctx.flags as unknown as ExecuteFlags
  const isGiven = (flag: string): boolean => ctx.isSet?.(flag) === true
  // The step itself says what was fitted.
  const log = { info() {}, warn() {}, error() {} }
  const flags =
    asked.costs === undefined
      ? asked
      : await withCostsOf(asked.costs, asked, isGiven, { ...ctx, log })
  return { flags, venue: executeOptions(flags, ctx.home, undefined, isGiven).venue }
}

/** The trading step with the draws looking on before it, and the courses behind it. */
const watched = (
  step: Step,
  draws: ReturnType<typeof makePaperDraws>,
  courses: ReturnType<typeof makeCourses>,
): Step => ({
  ...step,
  setBack(ts) {
    draws.setBack(ts)
    step.setBack?.(ts)
  },
  batch(lines, emit) {
    for (const { rec } of lines) draws.take(rec)
    return step.batch?.(lines, line => {
      courses.take(line.rec)
      emit(line)
    })
  },
})

/** The score for programs: a line per week, then `paper` over all. */
function scoreLines({ weeks, all }: Replayed): string {
  const lines: object[] = [
    ...weeks.map(([from, score]) => ({ of: 'week', from, ...score })),
    { of: 'paper', ...all },
  ]
  return lines.map(line => `${encode(line)}\n`).join('')
}

/** The score for people; of one week alone, once. */
function scoreText({ weeks, all }: Replayed): string {
  return [
    ...(weeks.length > 1 ? weeks : []).flatMap(([from, score]) =>
      partText(`Week from ${new Date(from).toISOString().slice(0, 10)}`, score),
    ),
    ...partText('The paper model over all', all),
    '',
  ].join('\n')
}

function partText(title: string, score: Score): string[] {
  const { orders, landings, slots, cost, rate } = score
  const silent = Object.entries(score.left).map(([why, count]) => `${why} ${count}`)
  const left = silent.length > 0 ? `, not scored: ${silent.join(', ')}` : ''
  return [
    `${title}: ${orders} orders tried${left}`,
    ...(landings === undefined ? [] : [row('landed', landedText(landings))]),
    ...coverageText('slots to land inside', slots),
    ...coverageText('costs inside', cost),
    ...coverageText('fills inside', rate),
  ]
}

const VERDICTS = {
  like: 'like the run',
  unlike: 'NOT like the run',
  'too-few': 'too few to tell',
} as const

const landedText = ({ value, low, high, expected, orders, verdict }: Landings): string =>
  `${percent(value)} of ${orders}, 95 %: ${percent(low)} to ${percent(high)}; paper says ` +
  `${percent(expected)}: ${VERDICTS[verdict]}`

function coverageText(name: string, made: Coverage | undefined): string[] {
  if (made === undefined) return []
  const { orders, inside, low, high, apart, verdict } = made
  const typical = apart === undefined ? '' : `, the median ${signed(apart)} from paper’s`
  const text =
    `${percent(inside)} of ${orders}, 95 %: ${percent(low)} to ${percent(high)}; 95 % wanted` +
    `${typical}: ${VERDICTS[verdict]}`
  return [row(name, text)]
}

const signed = (share: number): string => `${share < 0 ? '' : '+'}${percent(share, 2)}`
