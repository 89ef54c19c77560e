import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { raiseAlert } from '../../alerts/alerts.ts'
import { wallClock } from '../../base/clock.ts'
import type { Log } from '../../base/console.ts'
import { messageOf, UsageError } from '../../base/errors.ts'
import type { Ctx } from '../../cli/command.ts'
import type { TradeRule } from '../../decide/trade-case.ts'
import { readKey, redact } from '../../sources/net/api-key.ts'
import type { Time } from '../../sources/net/budget.ts'
import { makeHttp } from '../../sources/net/http.ts'
import { makeSteadyTime } from '../../sources/net/steady-time.ts'
import { realTime } from '../../sources/net/timing.ts'
import { makeRpc, makeRpcCall } from '../../sources/rpc/client.ts'
import { readEndpoint } from '../../sources/rpc/endpoint.ts'
import { holdForLife } from '../../store/hold.ts'
import type { Step } from '../../stream/step.ts'
import { lifetimeMs } from '../chain-profile.ts'
import type { ExecuteFlags } from '../execute/execute-flags.ts'
import { makeKillSwitch } from '../kill-switch.ts'
import type { Placed } from '../venue.ts'
import { assembleLive } from './assemble.ts'
import { type Chain, makeChain } from './chain/chain.ts'
import { type KnownChain, makeKnownChain } from './chain/known-chain.ts'
import { measureChain } from './chain/measure-chain.ts'
import { loadSolana } from './chain/solana.ts'
import { greetWitness, makeWitness, witnessAt } from './chain/witness.ts'
import { type LiveSettings, readLive, refusePublic } from './live-settings.ts'
import { makePacing } from './pacing.ts'
import { makeRelay } from './send/block-engine.ts'
import { EXCHANGES } from './send/jupiter/exchanges.ts'
import { listClaims } from './send/reclaim.ts'
import { versionsOf } from './sign/tx-versions.ts'
import { makeTokenAsker } from './token/ask-token.ts'
import type { TokenAsker } from './token/token-asker.ts'
import { makeVet } from './vet.ts'

const BALLAST_BYTES = 8 * 2 ** 20
const RPC_TIMEOUT_MS = 4000
const QUOTE_TIMEOUT_MS = 5000

/**
 * The way out: node and exchange of the settings, paced in this process. `clean` takes keys out of
 * a text.
 */
function openOutside(
  settings: LiveSettings,
  { warn }: Pick<Log, 'warn'>,
  count: (what: string) => void,
  time: Time,
) {
  const http = makeHttp({
    budget: makePacing(time, () => lifetimeMs(known.profile())),
    time,
    count,
    tries: 2,
  })
  const { url, secrets } = readEndpoint(settings.rpc, 'live.rpc')
  refusePublic(url, settings)
  const call = makeRpcCall(http, url, settings.rpcPerMinute, RPC_TIMEOUT_MS)
  const known: KnownChain = makeKnownChain({
    measure: signal => measureChain({ call, now: time.now, payer: settings.wallet }, signal),
    time: { ...time, monotonic: wallClock.monotonic },
    count,
    warn: text => warn(clean(text)),
  })
  const commitment = () => known.profile().commitment
  const chain = makeChain(call, commitment, time.now)
  const other = settings.witness === undefined ? undefined : witnessAt(settings.witness, url)
  const otherCall = other && makeRpcCall(http, other.url, settings.rpcPerMinute, RPC_TIMEOUT_MS)
  const summons = otherCall && {
    witness: makeChain(otherCall, commitment),
    node: chain,
    genesis: settings.genesis,
  }
  const key =
    settings.jupiterKey === undefined ? undefined : readKey(settings.jupiterKey, 'live.jupiterKey')
  const { jupiter: base, jupiterPerMinute: perMinute, wallet } = settings
  const at = { http, base, key, wallet, perMinute, timeoutMs: QUOTE_TIMEOUT_MS }
  const swapper = EXCHANGES[settings.exchange](at)
  const rpc = makeRpc(http, url, settings.rpcPerMinute, commitment)
  const versions = () => versionsOf(settings.transactionVersion, known.profile())
  const askerFor = ({ slippageBps }: Placed, signal: AbortSignal): TokenAsker =>
    makeTokenAsker({ rpc, jupiter: at, slippageBps, versions, signal })
  const vet = makeVet(askerFor, wallet, settings.checks, time.now)
  const relay =
    settings.relay === undefined ? undefined : makeRelay(http, settings.relay, RPC_TIMEOUT_MS)
  const clean = (text: string): string =>
    redact(text, [...secrets, ...(other?.secrets ?? []), ...(key === undefined ? [] : [key])])
  return { chain, known, summons, swapper, vet, relay, clean }
}

/** Alerts go to their journal and to the program of the configuration; nobody waits for them. */
function alertsOf(
  { home, alertCommand, log }: Ctx,
  warn: (text: string) => void,
  now: () => number,
): (name: string, text: string) => void {
  const target = { home, alertCommand, stderr: (line: string) => log.warn(line) }
  return (name, text) => {
    const ts = now()
    const alert = { severity: 'error', name, text } as const
    raiseAlert(target, { id: `alert:execute:${name}:${ts}`, ts, source: 'execute', alert }).catch(
      (error: unknown) => warn(`an alert could not be kept: ${messageOf(error)}`),
    )
  }
}

/**
 * Refuses a chain that is not the one of the settings: test money is no money, and the other way
 * round.
 */
async function checkGenesis(
  chain: Chain,
  { genesis }: LiveSettings,
  signal: AbortSignal,
): Promise<void> {
  const found = await chain.genesisHash(signal)
  if (found !== genesis)
    throw new UsageError(
      `config.json: live.rpc is a node of another chain: its genesis is ${found}, expected ` +
        `${genesis}`,
    )
}

/**
 * A step that reads and writes no lines: it tells something and ends, or ends when it is
 * interrupted while it asks.
 */
export const tellStep = (
  ask: () => Promise<string[]>,
  tell: (text: string) => void,
  signal: AbortSignal,
): Step => ({
  isReducer: true,
  async *feed() {
    try {
      for (const text of await ask()) tell(text)
    } catch (error) {
      if (!signal.aborted) throw error
      tell('interrupted before the node had answered')
    }
    yield []
  },
})

/**
 * The step of `execute --live` with the rules of a table, everything checked before the first line:
 * settings, key file, wallet, chain, ledger. UsageErrors say what to change; a node that cannot be
 * asked is a TemporaryError.
 */
export async function openLive(ctx: Ctx, rules: readonly TradeRule[]): Promise<Step> {
  const { home, log, count } = ctx
  const flags = ctx.flags as unknown as ExecuteFlags
  if (ctx.deterministic)
    throw new UsageError('--live: only by itself in a shell pipe: it needs the wall clock')
  if (flags.flatten && flags.reclaim)
    throw new UsageError('--flatten and --reclaim: first one, then the other')
  if (flags.dryRun && !flags.reclaim)
    throw new UsageError('--dry-run says what --reclaim would do: give both')
  const settings = readLive(ctx.live)
  const time = makeSteadyTime(realTime)
  const solana = await loadSolana()
  const { clean, summons, ...outside } = openOutside(settings, log, count, time)
  const warn = (text: string): void => log.warn(clean(text))
  const isWanted = (mint: string): boolean => ctx.args.length === 0 || ctx.args.includes(mint)
  if (flags.dryRun) {
    const ask = { solana, chain: outside.chain }
    return tellStep(
      async () => {
        await checkGenesis(outside.chain, settings, ctx.signal)
        return listClaims(ask, settings.wallet, isWanted, ctx.signal)
      },
      log.info,
      ctx.signal,
    )
  }
  // Users, containers and services may have state folders of their own, and the same key file.
  holdForLife(settings.keypair, 'user')
  // A kill file in a folder that is not there cannot be looked at.
  if (flags.killSwitch === undefined) mkdirSync(home, { recursive: true })
  const killSwitch = flags.killSwitch ?? join(home, 'KILL')
  const isNamed = flags.ledger !== 'none' && flags.ledger !== 'home'
  return assembleLive({
    flags,
    rules,
    settings,
    solana,
    ...outside,
    witness: summons && makeWitness(summons),
    time,
    count,
    mints: ctx.args,
    ballastBytes: BALLAST_BYTES,
    ledger: isNamed ? flags.ledger : join(home, 'ledger', 'live.ndjson'),
    warn,
    alert: alertsOf(ctx, warn, time.now),
    isKilled: makeKillSwitch(killSwitch),
    signal: ctx.signal,
    interrupted: ctx.interrupted ?? ctx.signal,
    async check(signal) {
      await checkGenesis(outside.chain, settings, signal)
      if (summons !== undefined) await greetWitness(summons, warn, signal)
    },
  })
}
