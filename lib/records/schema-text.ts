import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import { PARTS } from './parts.ts'

/** One line per part: name, what it holds, who makes it. */
export function schemaList(): string {
  const rows = Object.entries(PARTS).map(([name, { schema, madeBy }]) => {
    const { description = 'what every line starts with' } = schema as { description?: string }
    return JSON.stringify({ part: name, holds: description, madeBy })
  })
  return `${rows.join('\n')}\n`
}

/** JSON Schema of a part, or of a whole line (`line`). Throws UsageError for an unknown name. */
export function schemaText(name: string): string {
  const names = [...Object.keys(PARTS), 'line']
  if (!names.includes(name)) throw new UsageError(`no part ${JSON.stringify(name)}${didYouMean(name, names)}`)
  const schema = name === 'line' ? lineSchema() : PARTS[name as keyof typeof PARTS].schema
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: name }
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`
}

function lineSchema() {
  const { envelope, ...parts } = PARTS
  const properties = Object.fromEntries(Object.entries(parts).map(([name, { schema }]) => [name, schema]))
  return { ...envelope.schema, properties: { ...envelope.schema.properties, ...properties } }
}
