import type { TSchema } from 'typebox'
import { ident } from '../duck/sql.ts'

/** A column of a table and where its value comes from in a line. */
export interface Column {
  name: string
  sql: string
  /** SQL over the columns of `raw` (lib/store/tables/raw.ts). */
  from: string
}

interface Field {
  sql: string
  properties?: Record<string, Field>
  patternProperties?: Record<string, Field>
}

/** `priceSol` → `price_sol`. */
export const snake = (name: string): string =>
  name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** Fields of an object schema with their DuckDB types: nested objects, lists and maps are JSON. */
export function fieldsOf(schema: TSchema): [name: string, sql: string][] {
  return Object.entries((schema as unknown as Field).properties ?? {}).map(([name, field]) => [
    name,
    field.sql,
  ])
}

/** The schema of the values of a map schema; undefined for an object schema. */
function mapValueOf(schema: TSchema): TSchema | undefined {
  return Object.values((schema as unknown as Field).patternProperties ?? {})[0] as
    | TSchema
    | undefined
}

/** DuckDB type of a part as one value: a struct, or a map of structs. */
export function structOf(schema: TSchema): string {
  const value = mapValueOf(schema)
  if (value !== undefined) return `MAP(VARCHAR, ${structOf(value)})`
  const fields = fieldsOf(schema).map(([name, sql]) => `${ident(name)} ${sql}`)
  return `STRUCT(${fields.join(', ')})`
}

/** Columns of a part; a name that a common column has already gets the part's name in front. */
export function columnsOf(
  schema: TSchema,
  value: string,
  part: string,
  taken: readonly string[] = [],
): Column[] {
  return fieldsOf(schema).map(([name, sql]) => ({
    name: taken.includes(snake(name)) ? `${part}_${snake(name)}` : snake(name),
    sql,
    from: `${value}.${ident(name)}`,
  }))
}
