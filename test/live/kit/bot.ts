import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Keypair } from '@solana/web3.js'
import type { Rec } from '../../../lib/records/record.ts'
import type { ClusterProfile } from '../../svm/cluster.ts'
import type { Jupiter } from '../../svm/jupiter/jupiter.ts'
import type { RpcServer } from '../../svm/rpc/rpc.ts'
import type { Token, World } from '../../svm/world.ts'

const BIN = fileURLToPath(new URL('../../../dist/bin/execute', import.meta.url))

/**
 * A chain that lives: blocks pass by themselves, a node and an exchange in front of it, a home for
 * the bot.
 */
export interface Chain {
  world: World
  token: Token
  rpc: RpcServer
  jupiter: Jupiter
  home: string
  ledger: string
  /** Lines of the ledger, less its head. */
  kept(): Rec[]
  held(): bigint
  lamports(): bigint
  /** A market line with the reserves of the pool now; with a size, one that decides to buy. */
  line(size?: bigint, more?: object): string
  tick(): string
  /** Somebody buys for so much on the pool itself: the price rises. */
  pump(lamports: bigint, who?: Keypair): void
  config(more: object): void
  close(): void
}

export const CAPS = { perTrade: '1', perDay: '5', total: '20' }

/**
 * Opens a chain whose blocks pass every `blockMs`: quicker than real ones, so that an expiry is
 * seconds away.
 */
export async function openChain(blockMs = 40, profile?: ClusterProfile): Promise<Chain> {
  const { AMM, keypair, makeWorld } = await import('../../svm/world.ts')
  const tokens = await import('../../svm/tokens.ts')
  const { SystemProgram } = await import('@solana/web3.js')
  const world = makeWorld(undefined, profile)
  const token = world.addToken('cat')
  // Nothing is wrong with the token, and somebody else holds it too.
  const holder = keypair('holder').publicKey
  world.give(token, holder, 1_000_000_000n)
  world.cluster.svm.airdrop(holder.toBase58() as never, 1_000_000_000n as never)
  world.run(world.admin, [tokens.revoke(token.mint, world.admin.publicKey, 0)])
  const { openRpc } = await import('../../svm/rpc/rpc.ts')
  const rpc = await openRpc(world.cluster, { landFailing: world.landFailing })
  const witness = await openRpc(world.cluster)
  const jupiter = await (await import('../../svm/jupiter/jupiter.ts')).openJupiter(world)
  const home = mkdtempSync(join(tmpdir(), 'sluice-live-'))
  const clock = setInterval(() => world.cluster.advance(), blockMs)
  const wallet = world.wallet.publicKey.toBase58()
  world.writeKey(join(home, 'wallet.json'))
  writeFileSync(join(home, 'jupiter.key'), jupiter.key, { mode: 0o600 })
  const ledger = join(home, 'ledger', 'live.ndjson')
  let number = 0
  const account = tokens.ata(token.mint, world.wallet.publicKey, token.program)
  const mint = token.mint.toBase58()
  const envelope = (kind: string, ts: number) => ({
    v: 1,
    id: `${kind}:${ts}:${++number}`,
    ts,
    kind,
    source: 'test',
  })
  const chain: Chain = {
    world,
    token,
    rpc,
    jupiter,
    home,
    ledger,
    kept() {
      if (!existsSync(ledger)) return []
      const lines = readFileSync(ledger, 'utf8').split('\n').slice(1, -1)
      return lines.map(raw => JSON.parse(raw) as Rec)
    },
    held: () => world.amount(account),
    lamports: () => world.lamports(world.wallet.publicKey),
    line(size, more = {}) {
      const [base, quote] = [world.amount(token.tokenVault), world.amount(token.solVault)]
      const market = {
        dex: 'test',
        quoteMint: 'So11111111111111111111111111111111111111112',
        baseDecimals: 6,
        quoteDecimals: 9,
        feeBps: 25,
        baseAmount: String(base),
        quoteAmount: String(quote),
      }
      const decision = {
        act: 'buy',
        confidence: 0.8,
        sizeLamports: String(size),
        reasons: [],
        unknown: [],
        ...more,
      }
      const part = size === undefined ? {} : { decision }
      const ts = Date.now()
      return JSON.stringify({
        ...envelope('market', ts),
        mint,
        pool: token.pool.toBase58(),
        market,
        ...part,
      })
    },
    tick: () => JSON.stringify(envelope('tick', Date.now())),
    pump(lamports, who = world.admin) {
      const owner = who.publicKey
      const wrapped = tokens.ata(tokens.NATIVE_MINT, owner)
      world.run(who, [
        ...[
          tokens.createAta(owner, tokens.NATIVE_MINT, owner),
          tokens.createAta(owner, token.mint, owner),
        ],
        SystemProgram.transfer({ fromPubkey: owner, toPubkey: wrapped, lamports }),
        ...[tokens.syncNative(wrapped), world.swap(token, owner, 'buy', lamports, 1n)],
      ])
    },
    config(more) {
      const live = {
        enabled: true,
        keypair: join(home, 'wallet.json'),
        wallet,
        rpc: rpc.url,
        rpcPerMinute: 1_000_000,
        witness: witness.url,
        jupiter: jupiter.url,
        jupiterKey: join(home, 'jupiter.key'),
        jupiterPerMinute: 1_000_000,
        programs: [AMM.toBase58()],
        caps: CAPS,
        checks: { without: ['lp-burned'] },
        ...more,
      }
      mkdirSync(home, { recursive: true })
      writeFileSync(join(home, 'config.json'), JSON.stringify({ live }))
    },
    close() {
      clearInterval(clock)
      rpc.close()
      witness.close()
      jupiter.close()
      rmSync(home, { recursive: true })
    },
  }
  chain.config({})
  return chain
}

/** A running `execute --live`. */
export interface Bot {
  child: ChildProcess
  say(...lines: string[]): void
  /** Ends its input. */
  end(): void
  lines: Rec[]
  errors(): string
  done: Promise<number | null>
  /** Waits until it has written such a line; fails when it ends before. */
  saw(is: (rec: Rec) => boolean): Promise<Rec>
}

export function startBot(chain: Pick<Chain, 'home'>, args: readonly string[] = []): Bot {
  // All worlds have the same wallet: as if each were a machine of its own.
  const env = { ...process.env, SLUICE_HOME: chain.home, XDG_STATE_HOME: chain.home }
  const child = spawn(process.execPath, [BIN, '--live', ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: Rec[] = []
  let [rest, errors] = ['', '']
  const waiting = new Set<() => void>()
  child.stdout.on('data', data => {
    const parts = (rest + data).split('\n')
    rest = parts.pop() ?? ''
    for (const raw of parts) lines.push(JSON.parse(raw))
    for (const look of waiting) look()
  })
  child.stderr.on('data', data => (errors += data))
  child.stdin.on('error', () => {})
  const done = new Promise<number | null>(resolve => child.on('close', code => resolve(code)))
  return {
    child,
    lines,
    done,
    say: (...raws) => raws.forEach(raw => void child.stdin.write(`${raw}\n`)),
    end: () => void child.stdin.end(),
    errors: () => errors,
    saw: is =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(is)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void done.then(code => reject(new Error(`it ended with ${code}: ${errors}`)))
      }),
  }
}

/** Resolves when it holds; fails after a minute. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 6000; i++) {
    if (holds()) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error(`never: ${what}`)
}
