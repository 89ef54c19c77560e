import { makeStore } from '../features/token-store.ts'
import type { Rec } from '../records/record.ts'
import { setPart } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import { type Mark, ownMarks, pairMarks, remember, type Seen, scoreOf } from './marks.ts'
import type { MarkLimits } from './quality-flags.ts'

/** Ids remembered per token. */
const IDS = 64
/** Pools and kinds remembered per token. */
const MAX_SERIES = 64
const KINDS = new Set(['token', 'market', 'trade', 'candle'])

interface TokenState {
  lastTs: number
  ids: string[]
  series: Map<string, Seen>
}

interface QualityOptions extends MarkLimits {
  maxTokens: number
  count(what: string, by?: number): void
}

/**
 * Marks what looks wrong about token, market, trade and candle lines and scores them, `quality:
 * {score, marks}`; drops nothing. Each mark is also counted. Warm lines only teach it what came
 * before.
 */
export function makeQuality(options: QualityOptions): Step {
  const store = makeStore<TokenState>(
    () => ({ lastTs: 0, ids: [], series: new Map() }),
    options.maxTokens,
    options.count,
  )
  return {
    setBack: store.setBack,
    line: (line, emit) => {
      const { rec } = line
      if (rec.kind === 'tick') store.advance(rec.ts)
      if (rec.mint !== undefined && KINDS.has(rec.kind)) {
        const marks = marksOf(store.of(rec.mint, rec.ts), rec, options)
        if (rec.warm !== true) {
          for (const mark of marks) options.count(mark)
          setPart(line, 'quality', { score: scoreOf(marks), marks })
        }
      }
      emit(line)
    },
  }
}

function marksOf(token: TokenState, rec: Rec, options: QualityOptions): Mark[] {
  const marks = ownMarks(rec, options)
  const key = `${rec.kind} ${rec.pool ?? ''} ${rec.candle?.intervalMs ?? ''}`
  const last = token.series.get(key)
  const isDuplicate = token.ids.includes(rec.id)
  if (isDuplicate) marks.push('duplicate')
  else if (last !== undefined) marks.push(...pairMarks(rec, last, options))
  token.lastTs = rec.ts
  if (isDuplicate) return marks
  token.ids.push(rec.id)
  if (token.ids.length > IDS) token.ids.shift()
  if (last === undefined && token.series.size === MAX_SERIES)
    token.series.delete(token.series.keys().next().value!)
  // Time that ran backwards stays an exception: what follows is compared with the newest.
  if (last === undefined || rec.ts >= last.ts) token.series.set(key, remember(rec, last))
  return marks
}
