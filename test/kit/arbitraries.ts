import fc from 'fast-check'
import { PARTS } from '../../lib/records/parts.ts'

interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  items?: Schema
  maxItems?: number
  pattern?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: string[]
}

/** Generator of values that fit a schema, so that every record part has one for property tests. */
export function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({
        min: schema.minimum ?? -1e9,
        max: Math.min(schema.maximum ?? 1e9, Number.MAX_SAFE_INTEGER),
      })
    case 'number':
      return fc
        .double({
          min: schema.minimum ?? -1e9,
          max: schema.maximum ?? 1e12,
          noNaN: true,
          noDefaultInfinity: true,
        })
        .map(value => value + 0)
    case 'string':
      return stringOf(schema)
    case 'array':
      return fc.array(arbitraryOf(schema.items!), { maxLength: Math.min(schema.maxItems ?? 4, 4) })
    default:
      return objectOf(schema)
  }
}

/** JSON Schema counts code points, JavaScript strings count units: cut by code point. */
function stringOf({ pattern, maxLength = 50 }: Schema): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ unit: 'grapheme', maxLength: 20 })
  if (pattern.includes('\\u0000')) {
    const clean = new RegExp(pattern, 'u')
    return fc
      .string({ unit: 'grapheme', maxLength: Math.min(maxLength, 40) })
      .filter(text => clean.test(text) && [...text].length <= maxLength)
  }
  return fc
    .stringMatching(new RegExp(pattern))
    .map(text => text.slice(0, maxLength))
    .filter(text => new RegExp(pattern).test(text))
}

function objectOf(schema: Schema): fc.Arbitrary<unknown> {
  const map = Object.values(schema.patternProperties ?? {})[0]
  if (map)
    return fc.dictionary(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,8}$/), arbitraryOf(map), {
      maxKeys: 4,
    })
  const fields = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, field]) => [key, arbitraryOf(field)]),
  )
  return fc.record(fields, {
    requiredKeys: (schema.required ?? []) as never[],
    noNullPrototype: true,
  })
}

/** Generator of one part of a record. */
export const arbitraryPart = (part: keyof typeof PARTS): fc.Arbitrary<unknown> =>
  arbitraryOf(PARTS[part].schema as Schema)
