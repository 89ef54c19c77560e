import { setTimeout as wait } from 'node:timers/promises'
import type { Rng } from '../../lib/base/rng.ts'
import type { Exchange } from './http.ts'
import type { Node, Transaction } from './node.ts'

/** What goes wrong, and how it is made to. Each comes once for certain, then by chance. */
const TROUBLES: Record<string, (storm: StormOptions) => void | Promise<void>> = {
  cut: ({ node }) => node.cut(),
  mute: ({ node }) => node.mute(),
  'schema drift': ({ node }) => DRIFTED.forEach(message => void node.say(message)),
  'not UTF-8': ({ node }) => node.say(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
  async '429 storm'({ exchange }) {
    exchange.only = 'too many'
    await wait(500)
    exchange.only = undefined
  },
  async 'slow bodies'({ exchange }) {
    exchange.only = 'slow'
    await wait(300)
    exchange.only = undefined
  },
  async 'node trouble'({ node }) {
    node.trouble = 0.5
    await wait(500)
    node.trouble = 0
  },
  async 'clock skew'({ exchange }) {
    exchange.skewMs = 3_600_000
    await wait(300)
    exchange.skewMs = -3_600_000
    await wait(300)
    exchange.skewMs = 0
  },
}
/** A frame of more than may be taken: the connection ends. Costly, so only in long runs. */
const HUGE = (storm: StormOptions): void => storm.node.say(Buffer.alloc(50 * 2 ** 20, 32))

/**
 * Messages of another version of the node: fields moved, renamed, of other types, or whole arrays.
 */
const DRIFTED = [
  ...[
    '[]',
    'null',
    '5',
    '{"method":"logsNotification"}',
    '{"method":"logsNotification","params":[]}',
  ],
  '{"jsonrpc":"2.0","method":"logsNotification","params":{"subscription":2,"result":{"ctx":{},' +
    '"value":{"sig":"x"}}}}',
  '{"jsonrpc":"2.0","method":"logsNotification","params":{"subscription":2,"result":{"context":' +
    '{"slot":"7"},"value":5}}}',
  '{"jsonrpc":"2.0","method":"accountNotification","params":{"subscription":3,"result":' +
    '{"context":{"slot":7},"value":{"data":{}}}}}',
  '{"__proto__":{"method":"slotNotification"},"id":{"toString":1},"result":[]}',
]

export interface StormOptions {
  node: Node
  exchange: Exchange
  rng: Rng
  minutes: number
  perMinute: number
  trade(): Transaction
  /** The pools are listened to. */
  isUp(): boolean
}

export interface Storm {
  sent: number
  /** Signatures that the node announces and cannot give: they are lost, and a gap must say so. */
  missing: string[]
  faults: Map<string, number>
  share: number
}

/**
 * Trades at a steady pace through everything that goes wrong. `storm` tells how it stands; ends
 * with all trades sent.
 */
export async function blow(options: StormOptions, storm: Storm): Promise<void> {
  const { node, rng, minutes, perMinute, trade } = options
  const note = (what: string): void =>
    void storm.faults.set(what, (storm.faults.get(what) ?? 0) + 1)
  const certain = [...Object.keys(TROUBLES), 'lost', ...(minutes >= 1 ? ['huge'] : [])]
  const startedAt = Date.now()
  const length = minutes * 60_000
  let held: Transaction | undefined
  let busy: Promise<void> = Promise.resolve()
  let nextAt = 0.08
  const land = (): void => {
    const next = trade()
    storm.sent++
    const dice = rng.next()
    if (dice < 0.01 && held === undefined) held = next
    else node.land(next, dice > 0.98 ? 2 : 1)
    if (dice > 0.98) note('doubled')
    if (held === undefined || dice < 0.5) return
    note('out of order')
    node.land(held)
    held = undefined
  }
  const lose = (): void => {
    node.cut()
    for (let i = 0; i < 2; i++) {
      const next = trade()
      storm.missing.push(next.signature)
      node.land({ ...next, missing: true })
    }
  }
  const strike = async (what: string): Promise<void> => {
    note(what)
    if (what === 'lost') lose()
    else if (what === 'huge') HUGE(options)
    else await TROUBLES[what]?.(options)
  }
  while (Date.now() - startedAt < length) {
    const due = ((Date.now() - startedAt) / 60_000) * perMinute
    while (storm.sent < due) land()
    storm.share = (Date.now() - startedAt) / length
    if (storm.share > nextAt && options.isUp()) {
      // The certain ones within the first two thirds; after that one in about five seconds.
      const names = Object.keys(TROUBLES)
      const what = certain.shift() ?? names[rng.below(names.length)]!
      nextAt += certain.length > 0 ? 0.6 / (certain.length + 8) : 5000 / length
      busy = busy.then(() => strike(what))
    }
    await wait(10)
  }
  if (held !== undefined) node.land(held)
  await busy
  Object.assign(options.exchange, { only: undefined, trouble: 0 })
  node.trouble = 0
}

export const newStorm = (): Storm => ({ sent: 0, missing: [], faults: new Map(), share: 0 })
