import { PARTS } from '../../records/parts.ts'

interface Schema {
  type?: string
  description?: string
  unit?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  pattern?: string
  const?: unknown
  enum?: string[]
  items?: Schema
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: string[]
}

/** One table per record part: every field with type, unit, bounds and meaning. */
export async function fieldReference(): Promise<string> {
  const sections: string[] = []
  for (const [name, { schema, madeBy }] of Object.entries(PARTS)) {
    const rows: string[] = []
    addRows(rows, '', schema as Schema)
    const head = '| field | type | unit | meaning |\n|---|---|---|---|'
    sections.push(
      `### ${name === 'envelope' ? 'envelope' : `part ${name}`}\n\nMade by ` +
        `${madeBy}.\n\n${head}\n${rows.join('\n')}`,
    )
  }
  return `${sections.join('\n\n')}\n\n`
}

/** Rows of an object, a map (`*` stands for its names) or a list (`[]`), depth first. */
function addRows(rows: string[], path: string, schema: Schema): void {
  const map = Object.values(schema.patternProperties ?? {})[0]
  if (map) addField(rows, path === '' ? '*' : `${path}.*`, map, true)
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    addField(
      rows,
      path === '' ? key : `${path}.${key}`,
      field,
      schema.required?.includes(key) ?? false,
    )
  }
}

function addField(rows: string[], path: string, field: Schema, isRequired: boolean): void {
  const name = `\`${path}\`${isRequired ? '' : '?'}`
  rows.push(`| ${name} | ${typeOf(field)} | ${field.unit ?? ''} | ${field.description ?? ''} |`)
  if (field.items) addRows(rows, `${path}[]`, field.items)
  else addRows(rows, path, field)
}

function typeOf(field: Schema): string {
  if (field.const !== undefined) return `\`${String(field.const)}\``
  if (field.enum) return field.enum.map(word => `\`${word}\``).join(' ')
  if (field.items) return `list of ${typeOf(field.items)}`
  const bounds = [
    field.minimum !== undefined && field.minimum !== 0 ? `≥ ${field.minimum}` : '',
    field.minimum === 0 && field.maximum === undefined ? '≥ 0' : '',
    field.maximum !== undefined && field.maximum < 1e12 ? `≤ ${field.maximum}` : '',
    field.maxLength !== undefined ? `≤ ${field.maxLength} characters` : '',
  ].filter(text => text !== '')
  return [field.type ?? 'object', ...bounds].join(', ')
}
