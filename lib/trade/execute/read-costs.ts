import { checkFiles, openBytes } from '../../base/bytes.ts'
import type { Log } from '../../base/console.ts'
import { withoutHead } from '../../report/run-report.ts'
import { makeIntake } from '../../stream/intake.ts'
import { readLines } from '../../stream/reader.ts'
import { type FittedCosts, LEAST_ROWS, makeCostsFit } from '../paper/fit-costs.ts'
import type { ExecuteFlags } from './execute-flags.ts'

/**
 * The flags of execute with the costs that the trades of a file show, for those that nobody set.
 * Says on stderr what was fitted, and what keeps its default for want of rows.
 */
export async function withCostsOf(
  path: string,
  flags: ExecuteFlags,
  isSet: (flag: string) => boolean,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<ExecuteFlags> {
  await checkFiles([path])
  const fit = makeCostsFit()
  const intake = makeIntake(['order', 'fill'], { skip: false, max: 0, reject() {} }, path)
  for await (const batch of readLines(withoutHead(openBytes(path, signal)), intake))
    for (const { rec } of batch) fit.take(rec)
  const { fitted, short } = fit.value()
  for (const [name, rows] of Object.entries(short))
    if (!isSet(name))
      log.warn(
        `${path}: ${name} keeps its default: ${rows} rows say something of it, ${LEAST_ROWS} ` +
          'are needed',
      )
  const used = Object.entries(fitted).filter(([name]) => !isSet(name))
  if (used.length > 0)
    log.info(`${path}: ${used.map(([name, value]) => `${name} ${told(name, value)}`).join(', ')}`)
  return { ...flags, ...(Object.fromEntries(used) as FittedCosts) }
}

const told = (name: string, value: number | bigint): string =>
  typeof value === 'bigint'
    ? `${value} lamports`
    : name.endsWith('Rate')
      ? value.toFixed(4)
      : String(value)
