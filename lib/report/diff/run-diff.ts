import { checkFiles } from '../../base/bytes.ts'
import type { Output } from '../../base/console.ts'
import { Negative, UsageError } from '../../base/errors.ts'
import { encode } from '../../stream/encode.ts'
import { readTrades } from '../run-report.ts'
import { makeCourses } from './courses.ts'
import { type Diff, type Divergence, diffOf, type Said, type Side } from './divergences.ts'

interface DiffOptions {
  paths: readonly string[]
  check: boolean
  isText: boolean
  signal: AbortSignal
}

/**
 * Compares two files of trades and writes each divergence, then the counts. Throws a Negative when
 * they differ and that was asked.
 */
export async function runDiff(
  { paths, check, isText, signal }: DiffOptions,
  out: Output,
): Promise<void> {
  const [a, b] = paths
  if (a === undefined || b === undefined || paths.length > 2)
    throw new UsageError(`--diff: expected two files, got ${paths.length}`)
  if (a === '-' && b === '-') throw new UsageError('--diff: only one of the files can be stdin')
  await checkFiles([a, b])
  const diff = diffOf(await readSide(a, signal), await readSide(b, signal))
  await out.write(isText ? diffText(diff, a, b) : diffLines(diff, a, b))
  if (check && diff.divergences.length > 0)
    throw new Negative(`${a} and ${b} differ in ${diff.divergences.length} places`)
}

async function readSide(path: string, signal: AbortSignal): Promise<Side> {
  const courses = makeCourses()
  let isLedger = false
  const hasHead = (): void => {
    isLedger = true
  }
  for await (const rec of readTrades(path, signal, hasHead)) courses.take(rec)
  return { courses: courses.value(), isLedger }
}

/** How often what differs for which reason: `fill price` → 3. */
function countsOf(divergences: readonly Divergence[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { what, why } of divergences)
    for (const each of why) {
      const name = `${what} ${each}`
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  return Object.fromEntries([...counts].sort(([x], [y]) => (x < y ? -1 : 1)))
}

/** The differences for programs: a line each, then the counts. */
export function diffLines({ divergences, ...rest }: Diff, a: string, b: string): string {
  const lines: object[] = [
    ...divergences.map(each => ({ of: 'divergence', ...each })),
    {
      of: 'diff',
      a,
      b,
      ...rest,
      divergences: divergences.length,
      counts: countsOf(divergences),
    },
  ]
  return lines.map(line => `${encode(line)}\n`).join('')
}

/** The same for people. */
export function diffText({ divergences, ...counted }: Diff, a: string, b: string): string {
  const { decisions, common, same, untold } = counted
  const lines = [
    `a: ${a}`,
    `b: ${b}`,
    ...divergences.flatMap(({ what, decision, mint, sale, why, a: one, b: other }) => [
      `${what}${sale === undefined ? '' : ` ${sale}`} of ${decision}` +
        `${mint === undefined ? '' : ` (${mint})`}: ${why.join(', ')}`,
      `  a: ${saidText(one)}`,
      `  b: ${saidText(other)}`,
    ]),
    `decisions ${decisions}, in both ${common}, the same ${same}, kept by one file only ` +
      `${untold}; divergences ${divergences.length}`,
    ...Object.entries(countsOf(divergences)).map(([name, count]) => `  ${name}: ${count}`),
    ...(common === 0 && divergences.length > 0
      ? ['No decision is in both: is it the same recording?']
      : []),
  ]
  return `${lines.join('\n')}\n`
}

function saidText(said: Said | undefined): string {
  if (said === undefined) return 'nothing'
  const { act, state, exit, reasons = [], inAmount, outAmount, price, costLamports, at } = said
  return [
    act ?? state,
    exit,
    reasons.length > 0 ? reasons.join(' ') : undefined,
    inAmount === undefined ? undefined : `in ${inAmount}`,
    outAmount === undefined ? undefined : `out ${outAmount}`,
    price === undefined ? undefined : `at ${price}`,
    costLamports === undefined ? undefined : `costs ${costLamports}`,
    at === undefined ? undefined : new Date(at).toISOString(),
  ]
    .filter(text => text !== undefined)
    .join(', ')
}
