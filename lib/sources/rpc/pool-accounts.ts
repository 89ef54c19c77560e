import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import type { Token } from '../../records/token.ts'
import { decodeConfig, decodePool } from '../decode/decode.ts'
import {
  known as dropUnknown,
  type PoolAccount,
  type PoolConfig,
  traitsOf,
} from '../decode/event.ts'
import { mintFacts } from '../decode/mint-account.ts'
import type { Loop } from '../live/loops.ts'
import type { Finding } from '../providers/finding.ts'
import type { Rpc, RpcAccount } from './client.ts'
import { marketOf, type PoolFacts, poolFacts, realQuote } from './orient.ts'

/** Pools by address, as far as they are known. */
export interface Pools {
  get(pool: string): PoolFacts | undefined
  /** Reads the accounts of a pool and its token; undefined when it cannot be read or is none. */
  load(pool: string, mint: string): Promise<PoolFacts | undefined>
  /** Takes in what an event said of a pool that has just been made; its account says more. */
  learn(facts: PoolFacts): void
  /** True of an account that was read and is no pool of a program that we know. */
  isStrange(pool: string): boolean
  /** A new pool and what the chain says of its token; its account is read where it is not given. */
  open(pool: string, account?: RpcAccount): Promise<Finding | undefined>
  /** Takes in an account that has changed; false when it is no pool. */
  update(pool: string, mint: string | undefined, account: RpcAccount): boolean
  /** State of pools from their accounts and vaults, all of one slot per request. */
  markets(pools: readonly string[]): Promise<Finding[]>
}

/** A request takes 100 accounts: a pool and its two vaults each. */
const AT_ONCE = 33
const MAX_POOLS = 20_000
const MAX_CONFIGS = 10_000
/** Amount in a token account. */
const AMOUNT_AT = 64

/** What reading accounts of pools needs, and what is known of them. */
interface State {
  rpc: Rpc
  loop: Loop
  count(what: string): void
  tell(found: Finding): void
  known: Map<string, PoolFacts>
  /** What the accounts say that pools name as their configurations. */
  configs: Map<string, PoolConfig>
  strange: Set<string>
}

/** `tell` gets what the chain says of a token whose pool is loaded. */
export function makePools(
  rpc: Rpc,
  loop: Loop,
  count: (what: string) => void,
  tell: (found: Finding) => void,
): Pools {
  const state: State = {
    rpc,
    loop,
    count,
    tell,
    known: new Map(),
    configs: new Map(),
    strange: new Set(),
  }
  const { known } = state
  return {
    get: pool => known.get(pool),
    learn(facts) {
      if (!known.has(facts.pool)) keep(state, facts, undefined)
    },
    isStrange: pool => state.strange.has(pool),
    load: (pool, mint) => attempt(state, () => load(state, pool, mint), undefined),
    open: (pool, account) => attempt(state, () => open(state, pool, account), undefined),
    update: (pool, mint, account) => update(state, pool, mint, account),
    async markets(pools) {
      const listed = pools.flatMap(pool => known.get(pool) ?? [])
      const out: Finding[] = []
      for (let from = 0; from < listed.length; from += AT_ONCE) {
        const some = listed.slice(from, from + AT_ONCE)
        out.push(...(await attempt(state, () => marketsOf(state, some), [])))
      }
      return out
    },
  }
}

/** What comes of asking the node; where it cannot be had, that is told and the rest goes on. */
async function attempt<T>({ loop }: State, act: () => Promise<T>, fallback: T): Promise<T> {
  try {
    return await act()
  } catch (error) {
    loop.signal.throwIfAborted()
    if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
    loop.complain.rejected(messageOf(error))
    return fallback
  }
}

async function load(state: State, pool: string, mint: string): Promise<PoolFacts | undefined> {
  const { rpc, loop } = state
  const { slot, accounts } = await rpc.accounts([pool, mint], loop.signal)
  const token = tokenIn(accounts[1])
  await learnConfigs(state, accounts[0])
  const facts = decoded(state, pool, accounts[0], mint)
  const said = { ...token, ...traitsOf(facts?.account ?? {}) }
  if (token !== undefined || Object.keys(said).length > 0)
    state.tell({ mint, pool, ts: loop.time.now(), slot, facts: said })
  if (facts === undefined) {
    state.count('pools of unknown programs')
    // Without its account it may just not have been there yet.
    if (accounts[0] !== undefined) state.strange.add(pool)
    if (state.strange.size > MAX_POOLS) state.strange.clear()
  }
  return facts === undefined ? undefined : keep(state, facts, token)
}

async function open(
  state: State,
  pool: string,
  account: RpcAccount | undefined,
): Promise<Finding | undefined> {
  const { rpc, loop } = state
  const given = account ?? (await rpc.accounts([pool], loop.signal)).accounts[0]
  await learnConfigs(state, given)
  const facts = decoded(state, pool, given, undefined)
  if (facts === undefined) return undefined
  const { slot, accounts } = await rpc.accounts([facts.mint], loop.signal)
  const token = tokenIn(accounts[0])
  keep(state, facts, token)
  const said = { ...token, ...traitsOf(facts.account ?? {}) }
  return { mint: facts.mint, pool, ts: loop.time.now(), slot, facts: said }
}

function update(
  state: State,
  pool: string,
  mint: string | undefined,
  account: RpcAccount,
): boolean {
  const { known, loop } = state
  try {
    const facts = decoded(state, pool, account, mint)
    if (facts === undefined) return false
    facts.baseDecimals ??= known.get(pool)?.baseDecimals
    known.set(pool, facts)
    return true
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    loop.complain.rejected(`rpc: ${messageOf(error)}`)
    return false
  }
}

async function marketsOf(state: State, pools: readonly PoolFacts[]): Promise<Finding[]> {
  const { rpc, loop, known } = state
  const keys = pools.flatMap(({ pool, account }) => [
    pool,
    account?.baseVault ?? pool,
    account?.quoteVault ?? pool,
  ])
  const { slot, accounts } = await rpc.accounts(keys, loop.signal)
  return pools.flatMap(({ pool, mint }, i) => {
    const account = accounts[3 * i]
    if (account === undefined || !update(state, pool, mint, account)) return []
    const facts = known.get(pool)!
    const vaults = { base: amountIn(accounts[3 * i + 1]), quote: amountIn(accounts[3 * i + 2]) }
    const market = marketOf(facts, vaults)
    const ts = loop.time.now()
    const found: Finding = { mint: facts.mint, pool, ts, slot, market }
    const traits = traitsOf(facts.account ?? {})
    if (traits !== undefined) found.facts = traits
    return [{ ...found, realQuote: realQuote(facts, vaults) }]
  })
}

function decoded(
  { configs }: State,
  pool: string,
  account: RpcAccount | undefined,
  mint: string | undefined,
): PoolFacts | undefined {
  if (account === undefined) return undefined
  const found = decodePool(account.owner, account.bytes)
  if (found === undefined) return undefined
  for (const config of found.configs ?? []) {
    const said = configs.get(config)
    if (said === undefined) continue
    const { isConstantProduct, ...more } = said
    Object.assign(found, { ...more, ...dropUnknown<Partial<PoolAccount>>(found) })
    // What the account of another kind of curve holds does not make its price.
    if (isConstantProduct === false)
      Object.assign(found, { base: undefined, quote: undefined, spot: 0 })
  }
  return poolFacts(pool, found, mint)
}

/** Reads the configurations that a pool names, where they are not known yet. */
async function learnConfigs(
  { rpc, loop, configs }: State,
  account: RpcAccount | undefined,
): Promise<void> {
  const named =
    account === undefined ? undefined : decodePool(account.owner, account.bytes)?.configs
  const missing = (named ?? []).filter(config => !configs.has(config))
  if (account === undefined || missing.length === 0) return
  const { accounts } = await rpc.accounts(missing, loop.signal)
  for (const [i, config] of missing.entries()) {
    const given = accounts[i]
    const said = given?.owner === account.owner ? decodeConfig(given.owner, given.bytes) : undefined
    // One that is not there may only not be there yet.
    if (said !== undefined) configs.set(config, said)
    if (configs.size > MAX_CONFIGS) configs.delete(configs.keys().next().value!)
  }
}

function keep({ known }: State, facts: PoolFacts, token: Token | undefined): PoolFacts {
  // Some pools do not say the decimals of their token; the mint does.
  facts.baseDecimals ??= token?.decimals
  known.set(facts.pool, facts)
  if (known.size > MAX_POOLS) known.delete(known.keys().next().value!)
  return facts
}

const tokenIn = (account: RpcAccount | undefined): Token | undefined =>
  account === undefined ? undefined : mintFacts(account.owner, account.bytes)

/** Amount of a token account; undefined for anything else. */
export const amountIn = (account: RpcAccount | undefined): bigint | undefined =>
  account !== undefined && (account.bytes.length === 165 || account.bytes.length > 166)
    ? account.bytes.readBigUInt64LE(AMOUNT_AT)
    : undefined
