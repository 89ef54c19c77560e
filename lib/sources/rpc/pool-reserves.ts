import type { Market } from '../../records/market.ts'
import type { Finding } from '../providers/finding.ts'
import type { RpcAccount } from './client.ts'
import { marketOf, type PoolFacts, realQuote, type Vaults } from './orient.ts'
import { amountIn, type Pools } from './pool-accounts.ts'

/** Reserves of followed pools as their accounts change. */
export interface Reserves {
  /** Begins with a pool; gives the accounts to subscribe to: its own, and its vaults. */
  follow(pool: PoolFacts): string[]
  /** Gives back the accounts that are no longer needed. */
  drop(pool: string): string[]
  /** An account has changed. */
  take(address: string, slot: number, account: RpcAccount): void
  /**
   * States that are whole and new, and pools whose accounts do not come to agree: those must be
   * read.
   */
  due(now: number): { found: Finding[]; torn: string[] }
  /** When something last changed that only a trade or a deposit changes, ms UTC; 0 = never. */
  movedAt(pool: string): number
  /** True once per pool and slot: of two ways to the same state one is told. */
  isNew(pool: string, slot: number): boolean
}

/**
 * A swap writes both vaults and perhaps the pool in one slot, and a message each: the last of them
 * is waited for.
 */
const SETTLE_MS = 60
/** Vaults that do not agree for so long: a message was lost. */
const TORN_MS = 2000
/** A busy pool is told of once a second; its trades have lines of their own. */
const EVERY_MS = 1000

interface State {
  pool: string
  mint: string
  vaults: Vaults
  slots: { pool: number; base: number; quote: number }
  changedAt: number
  movedAt: number
  isDirty: boolean
  toldAt: number
  toldSlot: number
}
type Part = keyof State['slots']

/**
 * State by pool. Messages of an older slot than is known are passed over: they do not come in
 * order.
 */
export function makeReserves(pools: Pools, now: () => number): Reserves {
  const states = new Map<string, State>()
  const parts = new Map<string, { state: State; part: Part }>()
  return {
    follow({ pool, mint }) {
      const state = startState(pool, mint, states.get(pool)?.toldSlot ?? 0)
      states.set(pool, state)
      return addressesOf(pools.get(pool)?.account, pool).flatMap(([part, address]) => {
        if (address === undefined) return []
        parts.set(address, { state, part })
        return [address]
      })
    },
    drop(pool) {
      const mine = [...parts]
        .filter(([, { state }]) => state.pool === pool)
        .map(([address]) => address)
      for (const address of mine) parts.delete(address)
      states.delete(pool)
      return mine
    },
    take(address, slot, account) {
      const known = parts.get(address)
      if (known === undefined || slot < known.state.slots[known.part]) return
      const { state, part } = known
      if (!apply(pools, state, part, account)) return
      state.slots[part] = slot
      state.changedAt = now()
      state.isDirty = true
      // Anybody can send tokens to a vault; the account itself, or both vaults, only the program.
      const { base, quote } = state.slots
      if (part === 'pool' || (base > 0 && base === quote)) state.movedAt = now()
    },
    due(at) {
      const found: Finding[] = []
      const torn: string[] = []
      for (const state of states.values()) {
        const { slots, pool, changedAt } = state
        if (!state.isDirty || at - changedAt < SETTLE_MS || at - state.toldAt < EVERY_MS) continue
        const facts = pools.get(pool)
        if (facts !== undefined && agrees(facts, slots)) found.push(...settle(state, facts, at))
        else if (at - changedAt >= TORN_MS) {
          torn.push(pool)
          state.changedAt = at
        }
      }
      return { found, torn }
    },
    movedAt: pool => states.get(pool)?.movedAt ?? 0,
    isNew(pool, slot) {
      const state = states.get(pool)
      return state === undefined || isNewer(state, slot)
    },
  }
}

const startState = (pool: string, mint: string, toldSlot: number): State => ({
  pool,
  mint,
  vaults: {},
  slots: { pool: 0, base: 0, quote: 0 },
  changedAt: 0,
  movedAt: 0,
  isDirty: false,
  toldAt: 0,
  toldSlot,
})

/** The accounts that a pool’s state is in: its own alone where that holds the reserves. */
function addressesOf(account: PoolFacts['account'], pool: string): [Part, string | undefined][] {
  if (account?.base !== undefined && account.spot === undefined) return [['pool', pool]]
  return [
    ['pool', pool],
    ['base', account?.baseVault],
    ['quote', account?.quoteVault],
  ]
}

function apply(pools: Pools, state: State, part: Part, account: RpcAccount): boolean {
  if (part === 'pool') return pools.update(state.pool, state.mint, account)
  const amount = amountIn(account)
  if (amount !== undefined) state.vaults[part] = amount
  return amount !== undefined
}

function isNewer(state: State, slot: number): boolean {
  if (slot <= state.toldSlot) return false
  state.toldSlot = slot
  return true
}

/** The state that is whole now, unless its slot was told already or it says nothing. */
function settle(state: State, facts: PoolFacts, ts: number): Finding[] {
  const { slots, pool, vaults } = state
  state.isDirty = false
  state.toldAt = ts
  const slot = Math.max(slots.pool, slots.base, slots.quote)
  const market: Market = marketOf(facts, vaults)
  if (market.baseAmount === undefined && market.priceSol === undefined) return []
  if (!isNewer(state, slot)) return []
  return [{ mint: facts.mint, pool, ts, slot, market, realQuote: realQuote(facts, vaults) }]
}

/**
 * Both vaults as of one slot; a pool that holds its reserves or its price itself needs no vaults.
 */
const agrees = ({ account }: PoolFacts, { base, quote }: State['slots']): boolean =>
  account?.base !== undefined || account?.spot !== undefined || (base > 0 && base === quote)
