import type { TSchema } from 'typebox'
import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import { Candle } from './candle.ts'
import { Chain } from './chain-part.ts'
import { Decision } from './decision.ts'
import { Envelope } from './envelope.ts'
import { Features } from './features.ts'
import { Fill } from './fill.ts'
import { Label } from './label.ts'
import { Market } from './market.ts'
import { Opportunity } from './opportunity.ts'
import { Order } from './order.ts'
import { Equity, Position } from './position.ts'
import { Prediction, Shadow } from './prediction.ts'
import { Alert, Gap, Quality } from './quality.ts'
import { Score, Strategy } from './strategy.ts'
import { Token } from './token.ts'
import { Trade } from './trade.ts'

/**
 * Every part of a record, in the order in which the pipeline makes them. The only list of parts.
 */
export const PARTS = {
  envelope: { schema: Envelope, madeBy: 'every source' },
  token: { schema: Token, madeBy: 'discover' },
  market: { schema: Market, madeBy: 'discover' },
  trade: { schema: Trade, madeBy: 'discover' },
  candle: { schema: Candle, madeBy: 'discover' },
  opportunity: { schema: Opportunity, madeBy: 'discover' },
  quality: { schema: Quality, madeBy: 'quality' },
  features: { schema: Features, madeBy: 'features' },
  strategy: { schema: Strategy, madeBy: 'strategy' },
  score: { schema: Score, madeBy: 'any program' },
  prediction: { schema: Prediction, madeBy: 'predict' },
  shadow: { schema: Shadow, madeBy: 'predict' },
  decision: { schema: Decision, madeBy: 'gate' },
  order: { schema: Order, madeBy: 'execute' },
  fill: { schema: Fill, madeBy: 'execute' },
  position: { schema: Position, madeBy: 'execute' },
  equity: { schema: Equity, madeBy: 'execute' },
  chain: { schema: Chain, madeBy: 'execute' },
  label: { schema: Label, madeBy: 'label' },
  alert: { schema: Alert, madeBy: 'any command' },
  gap: { schema: Gap, madeBy: 'discover' },
} as const satisfies Record<string, { schema: TSchema; madeBy: string }>

/** Parts that a command may read; the envelope is always checked. */
export type PartName = Exclude<keyof typeof PARTS, 'envelope'>

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
  if (!names.includes(name))
    throw new UsageError(`no part ${JSON.stringify(name)}${didYouMean(name, names)}`)
  const schema = name === 'line' ? lineSchema() : PARTS[name as keyof typeof PARTS].schema
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: name }
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`
}

function lineSchema() {
  const { envelope, ...parts } = PARTS
  const properties = Object.fromEntries(
    Object.entries(parts).map(([name, { schema }]) => [name, schema]),
  )
  return { ...envelope.schema, properties: { ...envelope.schema.properties, ...properties } }
}
