import { join } from 'node:path'
import { DataError, UsageError } from '../../base/errors.ts'
import { checkHashes } from '../../export/manifest.ts'
import { type Duck, openDuck } from '../../store/duck/duck.ts'
import { ident, quote } from '../../store/duck/sql.ts'

/** Anchors of an export with one tensor each, in order of part, time and id. */
export interface Windows {
  /** [n, rows × columns]; NaN = unknown. */
  tensor: Float32Array
  /** Named columns of the set; NaN = unknown. Those that the export does not have are absent. */
  values: Map<string, Float32Array>
  /** Labels by name, 0 or 1 for yes and no; NaN = missing. */
  labels: Map<string, Float32Array>
  /** Horizon that `rug` was judged at; absent when nothing was. */
  rugHorizon?: string
  ts: Float64Array
  mints: readonly string[]
  /** 0 train, 1 valid, 2 test. */
  part: Uint8Array
}

export interface WindowColumns {
  set: string
  tensor: string
  /** Numbers per row of the tensor. */
  width: number
  values: readonly string[]
}

const PARTS = ['train', 'valid', 'test'] as const
const LABELS = ['profitable', 'maxProfit', 'rug'] as const

/**
 * One row per anchor: what an hour decides is the same at every horizon; a rug is judged at the
 * longest horizon of the whole export, and where that is not known yet it is missing: no rug within
 * the hour is not none within the day.
 */
const labelPicks = (longest: string | undefined): string[] => [
  'any_value("profitable"::INT) AS profitable',
  'any_value("maxProfit") AS maxProfit',
  `any_value("rug"::INT) FILTER (WHERE horizon = ${quote(longest ?? '')}) AS rug`,
]

/**
 * Reads the tensors of a folder of train-export. @throws UsageError when it was made without
 * --tensors, DataError for a tensor of another size or a file that is not the exported one.
 */
export async function readWindows(dir: string, wanted: WindowColumns): Promise<Windows> {
  checkHashes(dir)
  const duck = await openDuck(':memory:')
  try {
    const held = await columnsOf(duck, dir)
    const tensor = `${wanted.set}.${wanted.tensor}`
    if (!held.includes(tensor))
      throw new UsageError(
        `${dir} holds no ${tensor}; export lines with that set and with --tensors`,
      )
    const values = wanted.values.filter(name => held.includes(`${wanted.set}.${name}`))
    const files = PARTS.map(part => join(dir, `${part}.parquet`))
    const longest = await longestHorizon(duck, files)
    const collected = makeCollector(wanted, values)
    for (const [k, file] of files.entries()) {
      for await (const rows of duck.stream(query(file, wanted, values, labelPicks(longest))))
        for (const row of rows) collected.add(row, k)
    }
    return { ...collected.windows(), ...(longest === undefined ? {} : { rugHorizon: longest }) }
  } finally {
    duck.close()
  }
}

const columnsOf = async (duck: Duck, dir: string): Promise<string[]> =>
  (
    await duck.rows(`DESCRIBE SELECT * FROM read_parquet(${quote(join(dir, 'train.parquet'))})`)
  ).map(row => String(row.column_name))

/** The longest horizon at which a rug was judged in any part. */
async function longestHorizon(duck: Duck, files: readonly string[]): Promise<string | undefined> {
  const [found] = await duck.rows(`SELECT arg_max(horizon, "availableAt" - ts) AS longest
    FROM read_parquet([${files.map(quote).join(', ')}]) WHERE "rug" IS NOT NULL`)
  return typeof found?.longest === 'string' ? found.longest : undefined
}

function query(
  file: string,
  { set, tensor }: WindowColumns,
  values: readonly string[],
  labels: readonly string[],
): string {
  const picks = [
    ...values.map((name, k) => `any_value(${ident(`${set}.${name}`)}) AS v${k}`),
    ...labels,
  ]
  return `SELECT id, any_value(ts) AS ts, any_value(mint) AS mint,
    any_value(${ident(`${set}.${tensor}`)}) AS tensor,
    ${picks.join(', ')} FROM read_parquet(${quote(file)})
    WHERE ${ident(`${set}.${tensor}`)} IS NOT NULL GROUP BY id ORDER BY ts, id`
}

function makeCollector({ set, tensor, width }: WindowColumns, values: readonly string[]) {
  const tensors: Float32Array[] = []
  const columns = values.map(() => [] as number[])
  const labels = LABELS.map(() => [] as number[])
  const [ts, mints, parts]: [number[], string[], number[]] = [[], [], []]
  return {
    add(row: Record<string, unknown>, part: number): void {
      const list = row.tensor as (number | null)[]
      if (list.length !== width)
        throw new DataError(`${list.length} numbers in row ${ts.length + 1}, expected ${width}`, {
          field: `${set}.${tensor}`,
        })
      tensors.push(Float32Array.from(list, x => x ?? Number.NaN))
      for (const [k, column] of columns.entries()) column.push(numberOf(row[`v${k}`]))
      for (const [k, name] of LABELS.entries()) labels[k]?.push(numberOf(row[name]))
      ts.push(row.ts as number)
      mints.push(String(row.mint))
      parts.push(part)
    },
    windows: (): Windows => ({
      tensor: joined(tensors, width),
      values: new Map(values.map((name, k) => [name, Float32Array.from(columns[k]!)])),
      labels: new Map(LABELS.map((name, k) => [name, Float32Array.from(labels[k]!)])),
      ts: Float64Array.from(ts),
      mints,
      part: Uint8Array.from(parts),
    }),
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)

function joined(tensors: readonly Float32Array[], width: number): Float32Array {
  const out = new Float32Array(tensors.length * width)
  for (const [row, tensor] of tensors.entries()) out.set(tensor, row * width)
  return out
}
