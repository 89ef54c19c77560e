import { replaceFile } from '../base/atomic-write.ts'
import { checkFiles, openBytes } from '../base/bytes.ts'
import type { Output } from '../base/console.ts'
import { messageOf, UsageError } from '../base/errors.ts'
import type { Rec } from '../records/record.ts'
import { appendRow } from '../store/journal/rows.ts'
import { encode } from '../stream/encode.ts'
import { makeIntake } from '../stream/intake.ts'
import { readLines } from '../stream/reader.ts'
import { armRows, armsText, compareArms } from './compare-arms.ts'
import { outcomeLines, outcomeText } from './judging.ts'
import { readOutcomes } from './labelled.ts'
import { judgedLines, judgedOf, judgedText } from './labelled-text.ts'
import { reportPage } from './page.ts'
import { plainText } from './plain.ts'
import type { ReportFlags } from './report-flags.ts'
import { makeReport, type Report } from './trade-report.ts'

const NEWLINE = 10
const HEAD = '{"ledger"'

interface ReportOptions extends ReportFlags {
  home: string
  paths: readonly string[]
  /** Cash at the start; undefined = as the ledger or a mark says. */
  cash: bigint | undefined
  /** In full for people, in plain words, or for programs. */
  format: Exclude<ReportFlags['format'], 'auto'>
  signal: AbortSignal
}

/** Reads lines of execute, or ledgers, from files or stdin, and writes what came of the trades. */
export async function runReport(options: ReportOptions, out: Output): Promise<void> {
  const { paths, labels, html, cash, format, signal, keepArms: _, home: __, ...judging } = options
  const inputs = paths.length === 0 ? ['-'] : paths
  await checkFiles(inputs)
  const report = makeReport(cash)
  for (const path of inputs) {
    for await (const rec of readTrades(path, signal, head => beginBy(report, head)))
      report.update(rec)
  }
  if (options.keepArms) keepArms(report, options)
  const judged = labels && judgedOf(await readOutcomes(labels, options, signal), judging.seed)
  if (html !== undefined) writePage(html, reportPage(report, judging, judged))
  if (format === 'plain') {
    const files = { trades: inputs, labels: labels ?? [], html }
    await out.write(plainText(report, judging, judged, files))
    return
  }
  const isText = format === 'text'
  const arms = compareArms(report.closed(), judging.seed)
  const told = isText
    ? armsText(arms)
    : arms === undefined
      ? ''
      : `${encode({ of: 'arms', ...arms })}\n`
  const rest = judged === undefined ? '' : isText ? judgedText(judged) : judgedLines(judged)
  await out.write(
    (isText ? outcomeText(report, judging) : outcomeLines(report, judging)) + told + rest,
  )
}

/**
 * Records of a file of trades, or of a ledger, whose head is told. Throws a DataError that names
 * the line.
 */
export async function* readTrades(
  path: string,
  signal: AbortSignal,
  told: (head: string) => void,
): AsyncGenerator<Rec> {
  const intake = makeIntake(
    ['order', 'fill', 'position', 'equity', 'decision'],
    { skip: false, max: 0, reject() {} },
    path === '-' ? '' : path,
  )
  for await (const batch of readLines(withoutHead(openBytes(path, signal), told), intake))
    for (const { rec } of batch) yield rec
}

/** Keeps what the sides of a split came to. Throws UsageError where the trades have none. */
function keepArms(report: Report, { home, seed }: ReportOptions): void {
  const rows = armRows(report.closed(), seed)
  if (rows.length === 0)
    throw new UsageError(
      '--keep-arms: no closed positions of both sides of gate --split with a version on trial',
    )
  for (const row of rows) appendRow(home, 'ml_model_comparisons', row)
}

/** The page as a whole or not at all. A file that cannot be written is a mistake of the call. */
function writePage(path: string, page: string): void {
  try {
    replaceFile(path, page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error
    throw new UsageError(`--html ${path}: ${messageOf(error)}`)
  }
}

/** A ledger knows what it began with. */
function beginBy(report: Report, head: string): void {
  const found = cashIn(head)
  if (found !== undefined) report.begin(found)
}

/** Cash at the start that the head of a ledger tells. */
export function cashIn(head: string): bigint | undefined {
  const found = /"cashLamports":"(\d{1,38})"/.exec(head)?.[1]
  return found === undefined ? undefined : BigInt(found)
}

/** Bytes of a file less the first line of a ledger, which is not a record. */
export async function* withoutHead(
  chunks: AsyncIterable<Buffer>,
  told?: (head: string) => void,
): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk
      continue
    }
    start = Buffer.concat([start, chunk])
    const isHead = start.toString('latin1', 0, HEAD.length) === HEAD
    const end = start.indexOf(NEWLINE)
    if (start.length < HEAD.length || (isHead && end < 0)) continue
    if (isHead) told?.(start.toString('utf8', 0, end))
    yield isHead ? start.subarray(end + 1) : start
    start = undefined
  }
  if (start !== undefined && start.length > 0) yield start
}
