import { PROGRAMS, WSOL } from '../../../../lib/sources/decode/programs.ts'
import type { SignatureRow } from '../../../../lib/sources/rpc/client.ts'
import { fillPoint } from '../../../../lib/sources/rpc/fill-gap.ts'
import { makeHandler } from '../../../../lib/sources/rpc/handler.ts'
import type { PoolFacts } from '../../../../lib/sources/rpc/orient.ts'
import { type Tracked, track } from '../../../../lib/sources/rpc/recent.ts'
import type { Notice } from '../../../../lib/sources/rpc/subscriptions.ts'

const AT = 1_760_000_001_000

/** What a pool is followed as: token first, SOL against it. */
export const followed = (pool: string, dex: string, mint: string): PoolFacts => ({
  pool,
  dex,
  mint,
  quoteMint: WSOL,
  isFlipped: false,
  baseDecimals: 6,
  quoteDecimals: 9,
})

/** A handler of notices over pools, without a node; its lines are findings and records. */
export function listening(
  pools: readonly PoolFacts[],
  transaction: (signature: string) => unknown,
  history: readonly SignatureRow[] | ((range: { until?: string }) => SignatureRow[]) = [],
  open: (pool: string) => Promise<unknown> = async () => undefined,
) {
  const got: any[] = []
  const counts = new Map<string, number>()
  const byMint = new Map(pools.map(each => [each.mint, each]))
  const byPool = new Map(pools.map(each => [each.pool, each]))
  const loop = {
    time: { now: () => AT, sleep: async () => undefined },
    signal: new AbortController().signal,
    complain: { rejected: () => undefined, dropped: () => undefined },
    desk: { take: (found: unknown[]) => found },
    put: async (lines: unknown[]) => void got.push(...lines),
    watch: { get: (mint: string) => byMint.get(mint) },
  }
  const tracked = new Map<string, Tracked>(
    pools.map(({ pool, dex }) => [pool, track(pool, dex, AT)]),
  )
  const asked: string[] = []
  const handler = makeHandler(
    {
      rpc: {
        transaction: async (signature: string) => {
          asked.push(signature)
          return transaction(signature)
        },
        signatures: async (_: string, range: { until?: string }) =>
          typeof history === 'function' ? history(range) : history,
      } as never,
      isFinder: false,
      count: what => void counts.set(what, (counts.get(what) ?? 0) + 1),
    },
    loop as never,
    {
      get: (pool: string) => byPool.get(pool),
      isStrange: () => false,
      open,
      markets: async () => [],
      learn: (facts: PoolFacts) => void byPool.set(facts.pool, facts),
    } as never,
    { take: () => undefined } as never,
    tracked,
  )
  /** A notice of an address. */
  const say = (address: string, signature: string, logs: readonly string[], failed: boolean) => {
    const notice = { kind: 'logs', address, slot: 5, signature, failed, logs }
    handler.message(Buffer.alloc(0), { read: () => notice as never })
  }
  return {
    counts,
    asked,
    bornIn: handler.bornIn,
    trades: (): any[] => got.filter(({ trade }) => trade !== undefined),
    /** Findings that say nothing but where a token trades. */
    moved: (): any[] =>
      got.filter(({ facts }) => facts !== undefined && Object.keys(facts).length === 0),
    /** Findings that are no trades. */
    others: (): any[] => got.filter(({ rec, trade }) => rec === undefined && trade === undefined),
    /** Lets work that goes on by itself come to its end. */
    async settle() {
      for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
    },
    gaps: (): any[] => got.filter(({ rec }) => rec?.kind === 'gap').map(({ rec }) => rec),
    /** What was told since the last time. */
    take() {
      const all = got.splice(0)
      return {
        trades: all.filter(({ trade }) => trade !== undefined),
        gaps: all.flatMap(({ rec }) => (rec?.kind === 'gap' ? [rec] : [])),
      }
    },
    /** Anything else that the node says, worked off. */
    async note(notice: Notice) {
      handler.message(Buffer.alloc(0), { read: () => notice })
      await new Promise(resolve => setImmediate(resolve))
    },
    atEnd: (): any[] => handler.atEnd().map(({ rec }) => rec.gap),
    /** A pool is of a program that is not read. */
    giveUp: (address: string) => handler.giveUp(tracked.get(address)!),
    closed: () => handler.closed(),
    /** A pool is not read yet. */
    unread: (address: string) => void Object.assign(tracked.get(address)!, { isUnread: true }),
    /** A pool could not be read. */
    stayBlind: (address: string) => handler.stayBlind(tracked.get(address)!),
    /** A pool has been read. */
    release: (address: string) => handler.release(tracked.get(address)!),
    /** Fetches what an address has missed. */
    fill: (address: string) => handler.fillGap(fillPoint(tracked.get(address)!)),
    say,
    /** What is known of an address that is listened to. */
    entry: (address: string): Tracked => tracked.get(address)!,
    /** A notice of an address, worked off. */
    async hear(address: string, signature: string, logs: readonly string[], failed = false) {
      say(address, signature, logs, failed)
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

export { PROGRAMS }
