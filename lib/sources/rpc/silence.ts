import { messageOf } from '../../base/errors.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Loop } from '../live/loops.ts'
import { SOURCE } from './event-lines.ts'
import { fillPoint } from './fill-gap.ts'
import type { Handler } from './handler.ts'
import type { Reserves } from './pool-reserves.ts'
import type { Tracked } from './recent.ts'
import type { Subscriptions } from './subscriptions.ts'

const LOOK_MS = 1000
/** Slots come every 0.4 s on a socket that lives. */
const ALIVE_MS = 1500
/** A notice of logs comes with that of the accounts, if not before. */
const TOGETHER_MS = 1500
/** So long after a trade that its accounts showed its logs were lost. */
const LOST_MS = 4000
/** Silence that is not looked into: it is the way of every market. */
const LEAST_MS = 5000
/** Trades that should have come in a silence which is looked into. */
const EXPECTED = 6
/** Addresses that are asked after within one look: the node has other things to answer. */
const AT_ONCE = 1

interface Hearing {
  loop: Loop
  options: { count(what: string, by?: number): void }
  tracked: ReadonlyMap<string, Tracked>
  reserves: Pick<Reserves, 'movedAt'>
  handler: Pick<Handler, 'fillGap' | 'aliveAt' | 'refused'>
  subscriptions: Pick<Subscriptions, 'askAgain' | 'renew'>
}

/**
 * Notices subscriptions that have gone silent on a socket that lives. Where accounts of a pool
 * show a trade of which no log came, its logs are dead: that is a gap, and the subscription is made
 * anew. Where there is less to be heard than the rate of the pool, or of its program, makes likely,
 * the node is asked what happened: quiet if nothing did. What was refused is asked for again.
 */
export async function keepHearing(all: Hearing): Promise<void> {
  const { loop, tracked, subscriptions } = all
  while (!loop.signal.aborted) {
    await loop.time.sleep(LOOK_MS, loop.signal)
    const now = loop.time.now()
    for (const want of subscriptions.askAgain(now)) all.handler.refused(want)
    // A socket without slots is dead as a whole: it is cut, and all is fetched behind it.
    if (now - all.handler.aliveAt() > ALIVE_MS) continue
    const expected = ratesOf(tracked.values())
    const doubtful: { entry: Tracked; missing: number }[] = []
    for (const entry of tracked.values()) {
      if (entry.openAt === undefined || entry.isUnread === true) continue
      if (isDead(entry, all.reserves.movedAt(entry.address), now)) await renew(all, entry, now)
      else {
        const missing = missingOf(entry, expected, now)
        if (missing >= EXPECTED) doubtful.push({ entry, missing })
      }
    }
    doubtful.sort((a, b) => b.missing - a.missing)
    // Beside what goes on: a node that does not answer must not keep others from being noticed.
    for (const { entry } of doubtful.slice(0, AT_ONCE))
      lookInto(all, entry, now).catch(
        error => loop.signal.aborted || loop.complain.rejected(messageOf(error)),
      )
  }
}

/** Its accounts have moved, and no log came with it or after it. */
const isDead = ({ openAt = 0, heardAt = 0 }: Tracked, movedAt: number, now: number): boolean =>
  movedAt > openAt && movedAt - heardAt > TOGETHER_MS && now - movedAt > LOST_MS

/** Mean time from trade to trade of the followed pools of each program, ms. */
function ratesOf(entries: Iterable<Tracked>): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>()
  for (const { dex = '', everyMs } of entries) {
    if (everyMs === undefined) continue
    const { sum, count } = sums.get(dex) ?? { sum: 0, count: 0 }
    sums.set(dex, { sum: sum + 1 / everyMs, count: count + 1 })
  }
  return new Map([...sums].map(([dex, { sum, count }]) => [dex, count / sum]))
}

/** Notices that should have come since the last one, or since the last look; 0 = nothing is odd. */
function missingOf(entry: Tracked, expected: ReadonlyMap<string, number>, now: number): number {
  const { dex = '', everyMs = expected.get(dex), openAt = 0, heardAt = openAt, checkedAt } = entry
  const silence = now - Math.max(heardAt, openAt)
  const since = now - Math.max(heardAt, openAt, checkedAt)
  if (everyMs === undefined || silence < LEAST_MS) return 0
  // A silence that was found to be quiet is looked into again when it is twice as long.
  return since < silence / 2 ? 0 : silence / everyMs
}

/** Asks what happened in a silence; where something did, the subscription is dead. */
async function lookInto(all: Hearing, entry: Tracked, now: number): Promise<void> {
  const { heardAt = entry.openAt, fetched } = entry
  entry.checkedAt = now
  all.options.count('silences looked into')
  await all.handler.fillGap(fillPoint(entry))
  // What came in the meantime was only late.
  if (entry.fetched > fetched && (entry.heardAt ?? entry.openAt) === heardAt)
    await renew(all, entry, all.loop.time.now())
}

/** Says that logs were silent, and subscribes to them anew: what they missed is fetched then. */
async function renew(all: Hearing, entry: Tracked, now: number): Promise<void> {
  const { loop, options, subscriptions } = all
  const { address, openAt = now, heardAt = openAt } = entry
  entry.checkedAt = now
  entry.openAt = undefined
  options.count('gaps')
  options.count('silent subscriptions')
  const gap = gapLine({
    source: SOURCE,
    fromAt: Math.min(heardAt, now),
    untilAt: now,
    reason: `logs of ${address}: silent while it was traded; subscribed to anew`,
    seenAt: now,
    about: address,
  })
  subscriptions.renew({ kind: 'logs', address })
  await loop.put([gap])
}
