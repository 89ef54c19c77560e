import { PARTS } from '../../records/parts.ts'
import { ModelPrediction } from '../../records/prediction.ts'
import { REPORTS } from '../../records/report-rows.ts'
import { ident } from '../duck/sql.ts'
import { type Column, columnsOf, fieldsOf, snake } from './table-columns.ts'

/** A table that sync fills: what its rows are made of and what makes one unique. */
export interface Table {
  name: string
  columns: Column[]
  key: readonly string[]
  /** Relation that the `from` expressions read: `raw`, or `raw` with something unnested. */
  relation: string
  where: string
}

/** Columns of the envelope that every table has. */
export const COMMON: Column[] = [
  { name: 'id', sql: 'VARCHAR', from: 'raw.id' },
  { name: 'ts', sql: 'BIGINT', from: 'raw.ts' },
  { name: 'kind', sql: 'VARCHAR', from: 'raw.kind' },
  { name: 'mint', sql: 'VARCHAR', from: 'raw.mint' },
  { name: 'pool', sql: 'VARCHAR', from: 'raw.pool' },
  { name: 'source', sql: 'VARCHAR', from: 'raw.source' },
  { name: 'slot', sql: 'BIGINT', from: 'raw.slot' },
  { name: 'seen_at', sql: 'BIGINT', from: 'raw."seenAt"' },
]
const TAKEN = COMMON.map(column => column.name)

const PART_TABLES = {
  tokens: 'token',
  markets: 'market',
  trades: 'trade',
  candles: 'candle',
  opportunities: 'opportunity',
  decisions: 'decision',
  orders: 'order',
  fills: 'fill',
  positions: 'position',
  alerts: 'alert',
  ml_labels: 'label',
  ml_data_quality_metrics: 'quality',
} as const

/** Tables of lines, generated from the schemas of the parts. */
export const LINE_TABLES: Table[] = [
  ...Object.entries(PART_TABLES).map(([name, part]) => partTable(name, part)),
  predictionTable(),
]

/** Tables whose parts state facts: the same id must say the same again. */
export const FACT_TABLES: readonly Table[] = LINE_TABLES.filter(
  ({ name }) =>
    !['decisions', 'alerts', 'ml_data_quality_metrics', 'ml_prediction_rows'].includes(name),
)

/** Tables of rows that are appended as they are (lib/store/journal/rows.ts). */
export const ROW_TABLES: Table[] = Object.entries(REPORTS).map(([name, schema]) => ({
  name,
  columns: fieldsOf(schema).map(([field, sql]) => ({
    name: snake(field),
    sql,
    from: `raw.${ident(field)}`,
  })),
  key: ['id'],
  relation: 'raw',
  where: 'raw.id IS NOT NULL AND raw.ts IS NOT NULL',
}))

function partTable(name: string, part: keyof typeof PARTS): Table {
  const value = `raw.${ident(part)}`
  return {
    name,
    columns: [...COMMON, ...columnsOf(PARTS[part].schema, value, part, TAKEN)],
    key: part === 'label' ? ['id', 'horizon'] : ['id'],
    relation: 'raw',
    where: `${value} IS NOT NULL${part === 'label' ? ` AND ${value}.horizon IS NOT NULL` : ''}`,
  }
}

/**
 * One row per line and model; models on trial are marked. `ml_predictions` is a view on it with the
 * outcomes.
 */
function predictionTable(): Table {
  const heads = columnsOf(ModelPrediction, 'said', 'model', [...TAKEN, 'model'])
  return {
    name: 'ml_prediction_rows',
    columns: [
      ...COMMON,
      { name: 'model', sql: 'VARCHAR', from: 'model' },
      { name: 'is_shadow', sql: 'BOOLEAN', from: 'is_shadow' },
      ...heads,
      ...initial('price', 'DOUBLE', [
        'raw.market."priceSol"',
        'raw.candle.close',
        'raw.trade."priceSol"',
      ]),
      ...initial('liquidity', 'DOUBLE', [
        'raw.market."liquidityUsd"',
        value('tabular', 'values', 'liquidityUsd'),
      ]),
      ...initial('risk_score', 'DOUBLE', [value('tabular', 'values', 'riskScore')]),
      ...initial('holders', 'DOUBLE', [
        'raw.token."holderCount"',
        value('tabular', 'values', 'holderCount'),
      ]),
    ],
    key: ['id', 'model', 'is_shadow'],
    relation: `(${unnested('prediction', false)} UNION ALL ${unnested('shadow', true)})
      AS said_rows JOIN raw ON raw.seq = said_rows.seq`,
    where: 'true',
  }
}

function initial(name: string, sql: string, from: string[]): Column[] {
  return [
    {
      name: `initial_${name}`,
      sql,
      from: from.length > 1 ? `coalesce(${from.join(', ')})` : from[0]!,
    },
  ]
}
function value(set: string, group: string, feature: string): string {
  return `TRY_CAST(raw.features['${set}'].${ident(group)} ->> '$.${feature}' AS DOUBLE)`
}

function unnested(part: string, isShadow: boolean): string {
  return `SELECT seq, entry.key AS model, ${isShadow} AS is_shadow, entry.value AS said
   FROM (SELECT seq, unnest(map_entries(raw.${part})) AS entry FROM raw)`
}

/** CREATE TABLE of a table, in the current database or the one named (`store.main.`). */
export const createTable = ({ name, columns }: Table, database = ''): string =>
  `CREATE TABLE IF NOT EXISTS ${database}${ident(name)} ` +
  `(${columns.map(c => `${ident(c.name)} ${c.sql}`).join(', ')})`

const valuesOf = ({ columns }: Table): string[] =>
  columns.map(({ name, sql, from }) => `TRY_CAST(${from} AS ${sql}) AS ${ident(name)}`)

/** Every row of a table from `raw`, with the number of its line. */
export const factRows = (table: Table): string =>
  `SELECT raw.seq, ${valuesOf(table).join(', ')} FROM ${table.relation} WHERE ${table.where}`

/** Rows of a table from `raw`, the first line of each key. */
function selectRows(table: Table): string {
  const { key, relation, where } = table
  const values = valuesOf(table)
  return `SELECT ${values.join(', ')} FROM ${relation} WHERE ${where}
    QUALIFY row_number() OVER (PARTITION BY ${key.map(k => ident(k)).join(', ')}
      ORDER BY raw.seq) = 1`
}

/** Rows of a table from `raw` that the table in `database` does not have yet. */
export function newRows(table: Table, database = ''): string {
  const on = table.key.map(k => `old.${ident(k)} = new.${ident(k)}`).join(' AND ')
  return (
    `SELECT * FROM (${selectRows(table)}) AS new ANTI JOIN ${database}${ident(table.name)} AS ` +
    `old ON ${on}`
  )
}
