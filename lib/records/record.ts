import type { Candle } from './candle.ts'
import type { Chain } from './chain-part.ts'
import type { Decision } from './decision.ts'
import type { Envelope } from './envelope.ts'
import type { Features } from './features.ts'
import type { Fill } from './fill.ts'
import type { Label } from './label.ts'
import type { Market } from './market.ts'
import type { Opportunity } from './opportunity.ts'
import type { Order } from './order.ts'
import type { Equity, Position } from './position.ts'
import type { Prediction } from './prediction.ts'
import type { Alert, Gap, Quality } from './quality.ts'
import type { Score, Strategy } from './strategy.ts'
import type { Token } from './token.ts'
import type { Trade } from './trade.ts'

/** One line of a stream: the envelope, then whatever parts are known. Unknown keys ride along. */
export interface Rec extends Envelope {
  token?: Token
  market?: Market
  trade?: Trade
  candle?: Candle
  opportunity?: Opportunity
  quality?: Quality
  features?: Features
  strategy?: Strategy
  score?: Score
  prediction?: Prediction
  shadow?: Prediction
  decision?: Decision
  order?: Order
  fill?: Fill
  position?: Position
  equity?: Equity
  chain?: Chain
  label?: Label
  alert?: Alert
  gap?: Gap
}
