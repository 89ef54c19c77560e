import { DataError } from '../../base/errors.ts'
import type { Values } from '../../base/flags.ts'
import type { Market } from '../../records/market.ts'
import type { EventTime } from '../../stream/event-time.ts'
import type { Intake } from '../../stream/intake.ts'
import { deferLine, type Line, makeLine } from '../../stream/line.ts'
import type { Source } from '../../stream/step.ts'
import { makeTicker, tickOf } from '../../stream/ticks.ts'
import { untilStopped } from '../../stream/until-stopped.ts'
import type { TimeRule } from '../../table/table-time.ts'
import { makeCellReader } from './snapshot-cells.ts'
import type { snapshotFlags } from './snapshot-flags.ts'
import { type Snapshot, snapshotOf } from './snapshot-line.ts'
import { type FileLook, makeFileLook, makeOrderLook, type TableReport } from './snapshot-look.ts'
import { mapText, proposeMap, readMap, type SnapshotMap } from './snapshot-map.ts'
import { type Cells, openSnapshotTable, type SnapshotTable } from './snapshot-table.ts'

export interface SnapshotOptions extends Partial<Values<typeof snapshotFlags>> {
  table: string
  rule: TimeRule
  /** Time between ticks in ms; 0 = none. */
  tick: number
  intake: Intake
  time?: EventTime
  isDeferring?: boolean | undefined
  count(what: string, by?: number): void
  warn(text: string): void
  say(text: string): void
}

/**
 * Market lines of a table of pools. It is read twice: first as the file has it, where bad cells are
 * told by row and column, then in order of time. Throws UsageErrors for files, SQL and mappings.
 */
export async function openSnapshots(options: SnapshotOptions): Promise<Source> {
  const table = await openSnapshotTable(options.table, options.sql)
  try {
    const map =
      options.map === undefined ? proposeMap(table.columns) : readMap(options.map, table.columns)
    const by = options.map === undefined ? 'by the usual names of its columns' : options.map
    options.say(`${options.table}: ${table.what}, read as ${by}: ${mapText(map)}`)
    if (!map.has('mint'))
      options.warn(`${options.table}: no column is mint, so its lines name no token to trade`)
    const lines = options.dryRun ? reportLines : marketLines
    return {
      lines: signal => untilStopped(lines(reading(table, map, options), options), signal),
      async close() {
        table.close()
      },
    }
  } catch (error) {
    table.close()
    throw error
  }
}

/** Both readings of a table. */
interface Reading {
  /** Rows as the file has them; bad ones have the fate that `intake` gives them. */
  look(): Promise<FileLook>
  /** Good rows in order of time. */
  ordered(isInOrder: boolean): AsyncGenerator<Snapshot[]>
}

function reading(table: SnapshotTable, map: SnapshotMap, options: SnapshotOptions): Reading {
  const { rule, intake } = options
  const columns = [
    ...new Set([...map.values()].flatMap(from => ('column' in from ? [from.column] : []))),
  ]
  const read = makeCellReader(map, columns, rule)
  const time = map.get('time')!
  const by = 'column' in time ? time.column : undefined
  const good = (cells: Cells): Snapshot | undefined => {
    try {
      return snapshotOf(read(cells))
    } catch (error) {
      if (error instanceof DataError) return undefined // Told in the first reading.
      throw error
    }
  }
  return {
    async look() {
      const look = makeFileLook()
      for await (const rows of table.rows(columns))
        for (const cells of rows) {
          const raw = {
            get raw() {
              return JSON.stringify(cells)
            },
          }
          const found = intake.take(raw, () => inRow(intake.seen(), () => snapshotOf(read(cells))))
          if (found !== undefined) look.see(found)
        }
      intake.finish()
      table.refuseChanged()
      return look.found()
    },
    async *ordered(isInOrder) {
      let last = Number.NEGATIVE_INFINITY
      for await (const rows of table.rows(columns, isInOrder ? undefined : by)) {
        const found = rows.flatMap(cells => good(cells) ?? [])
        for (const { rec } of found) {
          if (rec.ts < last) throw unsortable(options.table, by)
          last = rec.ts
        }
        yield found
      }
      table.refuseChanged()
    },
  }
}

/** Names the row of what is wrong with a cell. */
function inRow<T>(row: number, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof DataError) {
      error.line = row
      error.unit = 'row'
    }
    throw error
  }
}

/** Times that are texts with the day first do not sort as texts. */
function unsortable(path: string, by: string | undefined): DataError {
  const error = new DataError(
    'times as they are written do not sort: give the rows in order of time, or a column of ' +
      'times as numbers or with the year first',
    { field: by },
  )
  error.place = path
  return error
}

/** A row of the report: no record, as the rows of --list-sources are none. */
async function* reportLines({ look, ordered }: Reading): AsyncGenerator<Line[]> {
  const { rows, backwards, marks, volumes } = await look()
  const order = makeOrderLook()
  for await (const found of ordered(backwards === 0)) for (const each of found) order.see(each)
  const report: TableReport = {
    rows,
    backwards,
    ...order.found(),
    volumes: Object.fromEntries(volumes),
    ...Object.fromEntries(marks),
  }
  yield [{ raw: JSON.stringify(report), rec: report, checked: undefined, no: 0 } as never as Line]
}

async function* marketLines(
  { look, ordered }: Reading,
  options: SnapshotOptions,
): AsyncGenerator<Line[]> {
  const { backwards, marks, volumes } = await look()
  const { count, warn, table } = options
  if (backwards > 0) count('backwards-rows', backwards)
  for (const [mark, n] of marks) count(mark, n)
  // A volume that is a reserve in every row that tells it is a mistake of whoever wrote the table.
  const none = [...volumes]
    .filter(([, { told, reserve }]) => reserve === told)
    .map(([name]) => name)
  for (const name of none)
    warn(`${table}: ${name} is a reserve of the pool in every row, and left out: it is no volume`)
  yield* inLines(ordered(backwards === 0), none.map(windowOf), options)
}

const windowOf = (name: string): string => name.slice(name.indexOf('.') + 1)

async function* inLines(
  batches: AsyncIterable<Snapshot[]>,
  leftOut: readonly string[],
  { count, tick, time, isDeferring }: SnapshotOptions,
): AsyncGenerator<Line[]> {
  const make = isDeferring === true ? deferLine : makeLine
  const due = makeTicker(tick, time)
  const order = makeOrderLook()
  for await (const snapshots of batches) {
    const lines: Line[] = []
    for (const snapshot of snapshots) {
      const place = order.see(snapshot)
      if (place === undefined) {
        count('repeated-rows')
        continue
      }
      const { rec } = snapshot
      if (place > 0) {
        count('contradicting-rows')
        rec.id += `:${place + 1}`
      }
      dropVolumes(rec.market!, leftOut)
      const at = due(rec)
      if (at !== undefined) lines.push(make(tickOf(at)))
      lines.push(make(rec))
    }
    if (lines.length > 0) yield lines
  }
}

function dropVolumes(market: Market, leftOut: readonly string[]): void {
  if (market.volumeUsd === undefined || leftOut.length === 0) return
  const kept = Object.entries(market.volumeUsd).filter(([window]) => !leftOut.includes(window))
  if (kept.length > 0) market.volumeUsd = Object.fromEntries(kept)
  else delete market.volumeUsd
}
