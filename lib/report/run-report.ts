import type { Output } from '../command.ts'
import { checkFiles, openBytes } from '../sources/bytes.ts'
import { makeIntake } from '../stream/intake.ts'
import { readLines } from '../stream/reader.ts'
import { type Judging, outcomeLines, outcomeText } from './outcome.ts'
import { makeReport } from './report.ts'

const NEWLINE = 10
const HEAD = '{"ledger"'

export interface ReportOptions extends Judging {
  paths: readonly string[]
  cash: bigint
  isText: boolean
  signal: AbortSignal
}

/** Reads lines of execute, or ledgers, from files or stdin, and writes what came of the trades. */
export async function runReport(
  { paths, cash, isText, signal, ...judging }: ReportOptions,
  out: Output,
): Promise<void> {
  const inputs = paths.length === 0 ? ['-'] : paths
  await checkFiles(inputs)
  const report = makeReport(cash)
  for (const path of inputs) {
    const policy = { skip: false, max: 0, reject() {} }
    const intake = makeIntake(['order', 'fill', 'position'], policy, path === '-' ? '' : path)
    for await (const batch of readLines(withoutHead(openBytes(path, signal)), intake)) {
      for (const { rec } of batch) report.update(rec)
    }
  }
  await out.write(isText ? outcomeText(report, judging) : outcomeLines(report, judging))
}

/** Bytes of a file less the first line of a ledger, which is not a record. */
export async function* withoutHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
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
    yield isHead ? start.subarray(end + 1) : start
    start = undefined
  }
  if (start !== undefined && start.length > 0) yield start
}
