import type { Line } from '../../stream/line.ts'
import { gapLine } from '../live/finding-lines.ts'
import { type Listening, SOURCE } from './event-lines.ts'
import { isBlind } from './recent.ts'

/**
 * What a run that ends leaves untold, as gaps: notices of pools that have not been read, histories
 * and transactions that are still being fetched. A run that goes on from its state fetches them.
 */
export function openGaps(on: Listening): Line[] {
  const now = on.loop.time.now()
  const line = (about: string, fromAt: number, reason: string, lost?: number): Line => {
    on.count('gaps')
    const untilAt = Math.max(fromAt, now)
    return gapLine({ source: SOURCE, fromAt, untilAt, reason, seenAt: untilAt, lost, about })
  }
  const left = [...on.tracked.values()].flatMap(entry => {
    const { address, held, overflow, holdAt } = entry
    if (isBlind(entry)) {
      const fromAt = entry.blindAt ?? held[0]?.heardAt ?? entry.lastAt
      const lost = held.length + overflow
      const reason = `pool ${address}: the run ended before the node told what it is`
      return [line(address, fromAt, reason, lost > 0 ? lost : undefined)]
    }
    return holdAt === undefined
      ? []
      : [line(address, holdAt, `logs of ${address}: the run ended before they were fetched`)]
  })
  const pending = [...on.pending].map(([signature, fromAt]) =>
    line(signature, fromAt, `transaction ${signature} is not to be had: the run ended`, 1),
  )
  return [...left, ...pending]
}
