import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import execute from '../../../cmd/execute.ts'
import type { Rec } from '../../../lib/records/record.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { assembleLive } from '../../../lib/trade/live/assemble.ts'
import { makeChain } from '../../../lib/trade/live/chain/chain.ts'
import { type KnownChain, makeKnownChain } from '../../../lib/trade/live/chain/known-chain.ts'
import { measureChain } from '../../../lib/trade/live/chain/measure-chain.ts'
import { loadSolana } from '../../../lib/trade/live/chain/solana.ts'
import { makeWitness } from '../../../lib/trade/live/chain/witness.ts'
import { readLive } from '../../../lib/trade/live/live-settings.ts'
import { EXCHANGES } from '../../../lib/trade/live/send/jupiter/exchanges.ts'
import { contextOf, lineOf } from '../../kit/step.ts'
import type { ClusterProfile } from '../../svm/cluster.ts'
import type { Jupiter } from '../../svm/jupiter/jupiter.ts'
import type { RpcServer } from '../../svm/rpc/rpc.ts'
import type { Token, World } from '../../svm/world.ts'
import { calmCall, directCall, directHttp } from './direct.ts'
import { makeVirtualTime, type VirtualTime } from './virtual-time.ts'

/**
 * Live trading in this process, real programs and a real node behind it, which can be made to die
 * at any moment.
 */
export interface Stage {
  world: World
  token: Token
  rpc: RpcServer
  /** Another node of the same cluster; undefined = there is one node only. */
  witness: RpcServer | undefined
  jupiter: Jupiter
  time: VirtualTime
  dir: string
  ledger: string
  /** Flags beside the usual ones. */
  flags: object
  /** Settings beside the usual ones. */
  live: object
  wallet(): { lamports: bigint; tokens: bigint }
  close(): void
}

export async function openStage(hasWitness = true, profile?: ClusterProfile): Promise<Stage> {
  const { makeWorld } = await import('../../svm/world.ts')
  const { ata } = await import('../../svm/tokens.ts')
  const world = makeWorld(undefined, profile)
  const token = world.addToken('cat')
  // Old enough for a node to be far behind.
  world.cluster.advance(1000)
  const { openRpc } = await import('../../svm/rpc/rpc.ts')
  const rpc = await openRpc(world.cluster, { landFailing: world.landFailing })
  const witness = hasWitness ? await openRpc(world.cluster) : undefined
  const jupiter = await (await import('../../svm/jupiter/jupiter.ts')).openJupiter(world)
  const dir = mkdtempSync(join(tmpdir(), 'sluice-twin-'))
  world.writeKey(join(dir, 'wallet.json'))
  // All worlds have the same wallet: as if each were a machine of its own.
  process.env.XDG_STATE_HOME = dir
  const account = ata(token.mint, world.wallet.publicKey, token.program)
  const stage: Stage = {
    world,
    token,
    rpc,
    witness,
    jupiter,
    dir,
    flags: {},
    live: {},
    ledger: join(dir, 'ledger', 'live.ndjson'),
    time: makeVirtualTime(world.cluster),
    wallet: () => ({
      lamports: world.lamports(world.wallet.publicKey),
      tokens: world.amount(account),
    }),
    close() {
      rpc.close()
      stage.witness?.close()
      jupiter.close()
      rmSync(dir, { recursive: true })
    },
  }
  return stage
}

let number = 0

/** A market line of now that decides to buy. */
export function decide({ world, token, time }: Stage, size = 100_000_000n): string {
  const [base, quote] = [world.amount(token.tokenVault), world.amount(token.solVault)]
  const WSOL = 'So11111111111111111111111111111111111111112'
  const amounts = { feeBps: 25, baseAmount: String(base), quoteAmount: String(quote) }
  const market = { dex: 'test', quoteMint: WSOL, baseDecimals: 6, quoteDecimals: 9, ...amounts }
  const decision = {
    act: 'buy',
    sizeLamports: String(size),
    reasons: [],
    unknown: [],
    confidence: 0.9,
  }
  const ts = time.now()
  const [mint, pool] = [token.mint.toBase58(), token.pool.toBase58()]
  return JSON.stringify({
    v: 1,
    id: `d${++number}`,
    ts,
    kind: 'market',
    mint,
    pool,
    source: 'test',
    market,
    decision,
  })
}

/**
 * When a bot dies: at its n-th question to node or exchange with this name, before it is asked or
 * after its answer.
 */
export interface Death {
  method: string
  nth: number
  when: 'before' | 'after'
}

export interface Ran {
  lines: Rec[]
  hasDied: boolean
  error: unknown
}

/** A line, or what has to happen before it comes. */
type Raw = string | (() => Promise<string>)

const END = new Set(['landed', 'reverted', 'expired', 'refused'])

/** Runs a bot over lines until the last decision has come to its end, or until it dies. */
export async function runTwin(
  stage: Stage,
  raws: readonly Raw[],
  death?: Death,
  end = END,
): Promise<Ran> {
  const { world, rpc, witness, jupiter, dir, time, ledger } = stage
  let isDead = false
  let die: () => void = () => undefined
  const dead = new Promise<void>(resolve => {
    die = () => {
      isDead = true
      resolve()
    }
  })
  const never = new Promise<never>(() => undefined)
  let asked = 0
  /** Nothing comes back to the dead. */
  const mortal = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name) {
        const method = target[name as keyof T]
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const isIt = name === death?.method && ++asked === death.nth
          if (isIt && death.when === 'before') die()
          if (isDead) return never
          const settled = await Promise.allSettled([method.apply(target, args) as Promise<unknown>])
          if (isIt) die()
          if (isDead) return never
          if (settled[0].status === 'rejected') throw settled[0].reason
          return settled[0].value
        }
      },
    })
  const wallet = world.wallet.publicKey.toBase58()
  const live = readLive({
    enabled: true,
    keypair: join(dir, 'wallet.json'),
    wallet,
    rpc: rpc.url,
    rpcPerMinute: 1e7,
    jupiter: jupiter.url,
    jupiterPerMinute: 1e7,
    programs: [(await import('../../svm/world.ts')).AMM.toBase58()],
    caps: { perTrade: '1', perDay: '5', total: '20' },
    ...stage.live,
  })
  const at = {
    http: directHttp(jupiter, time),
    base: live.jupiter,
    key: undefined,
    wallet,
    perMinute: 1,
    timeoutMs: 1,
  }
  const call = directCall(rpc, time)
  const known: KnownChain = makeKnownChain({
    // Troubles are for what is asked on the way of a swap.
    measure: signal => measureChain({ call: calmCall(rpc), now: time.now, payer: wallet }, signal),
    time: {
      monotonic: time.now,
      sleep: (ms, signal) => (isDead ? never : time.sleep(ms, signal)),
    },
    count: () => undefined,
    warn: () => undefined,
  })
  const chain = makeChain(call, () => known.profile().commitment)
  const swapper = EXCHANGES[live.exchange](at)
  const stop = new AbortController()
  const context = contextOf(execute, {
    without: ['clock'],
    maxAge: 600_000,
    timeStop: 86_400_000,
    maxDrawdown: 1,
    ...stage.flags,
  } as never)
  const lines: Rec[] = []
  const gear = {
    flags: context.flags as never,
    settings: live,
    solana: await loadSolana(),
    ledger,
    mints: [],
    ballastBytes: 0,
    chain: mortal(chain),
    known,
    witness:
      witness &&
      mortal(
        makeWitness({
          witness: makeChain(directCall(witness, time), () => known.profile().commitment),
          node: chain,
          genesis: live.genesis,
        }),
      ),
    swapper: mortal(swapper),
    signal: stop.signal,
    interrupted: stop.signal,
    time: {
      now: time.now,
      sleep: (ms: number, signal: AbortSignal) => (isDead ? never : time.sleep(ms, signal)),
    },
    isKilled: () => false,
    check: async () => undefined,
    count: () => undefined,
    warn: () => undefined,
  }
  const last = JSON.parse(String(raws.at(-1) ?? '{}')).id
  const run = async (): Promise<unknown> => {
    const step = await assembleLive(gear)
    void dead.then(() => step.close?.())
    try {
      for await (const batch of step.feed?.(inputOf(raws)) ?? []) {
        await step.batch?.(batch, line => void lines.push(line.rec))
        if (
          lines.some(
            ({ order }) => order !== undefined && order.cause === last && end.has(order.state),
          )
        )
          stop.abort()
      }
    } catch (error) {
      return error
    } finally {
      if (!isDead) await step.close?.()
    }
    return undefined
  }
  const error = await time.until(Promise.race([run(), dead]))
  return { lines, hasDied: isDead, error }
}

/** Lines one by one, then silence: the upstream stays open. */
async function* inputOf(raws: readonly Raw[]): AsyncGenerator<Line[]> {
  for (const raw of raws) yield [lineOf(typeof raw === 'string' ? raw : await raw())]
  await new Promise(() => undefined)
}
