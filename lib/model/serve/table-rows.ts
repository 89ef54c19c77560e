import { UsageError } from '../../base/errors.ts'
import type { Rec } from '../../records/record.ts'
import { encode } from '../../stream/encode.ts'
import { EVERY_PART, type Line } from '../../stream/line.ts'
import type { Step } from '../../stream/step.ts'
import { columnNames, readTable } from '../../table/read-table.ts'
import type { writtenOf } from '../../table/time-flags.ts'
import { type Bundle, featureName } from '../bundle.ts'

/** Rows that are scored together at most: of wide tables thousands would be copied at once. */
const BATCH = 256

interface TableOptions {
  file: string
  bundle: Bundle
  /** How its cells are written. */
  written: ReturnType<typeof writtenOf>
  warn(text: string): void
}

/**
 * The step of a model that reads the rows of a table in place of stdin: each is scored as a line
 * with these features would be. A row goes on as `{"row":N}` with what the columns ts and mint say
 * of it, so that it can be joined again; cells that are empty are unknown. Throws UsageError for
 * columns that are not there and for models that read tensors.
 */
export async function tableStep(step: Step, options: TableOptions): Promise<Step> {
  const lines = await linesOf(options)
  return { ...step, feed: () => batches(lines) }
}

async function linesOf({ file, bundle, written, warn }: TableOptions): Promise<Line[]> {
  const held = new Set(await columnNames(file))
  const [first] = bundle.inputs
  if (first?.features === undefined || bundle.inputs.length > 1)
    throw new UsageError(
      `${bundle.name}@${bundle.version} reads tensors: no row of a table holds them; give lines`,
    )
  const { set, hash } = first
  const names = first.features.map(featureName)
  const columns = names.map(name =>
    !held.has(name) && held.has(`${set}.${name}`) ? `${set}.${name}` : name,
  )
  const beside = {
    ...(held.has('ts') && { time: 'ts' }),
    ...(held.has('mint') && { group: 'mint' }),
  }
  const { table, time, groups, remarks } = await readTable(
    file,
    { features: columns, ...beside },
    written,
  )
  for (const remark of remarks) warn(remark)
  return Array.from({ length: table.rows }, (_, i): Line => {
    const known = names.flatMap((name, f) => {
      const value = table.columns[f]![i]!
      return Number.isNaN(value) ? [] : [[name, value] as const]
    })
    const features = { [set]: { hash, ready: true, values: Object.fromEntries(known) } }
    const ts = held.has('ts') ? time[i]! : undefined
    const mint = groups?.[i] || undefined
    const said = { row: i + 1, ...(ts !== undefined && { ts }), ...(mint && { mint }) }
    const rec = { ts: ts ?? 0, features } as unknown as Rec
    return { raw: encode(said), rec, checked: EVERY_PART, no: i + 1 }
  })
}

async function* batches(lines: readonly Line[]): AsyncGenerator<Line[]> {
  for (let from = 0; from < lines.length; from += BATCH) yield lines.slice(from, from + BATCH)
}
