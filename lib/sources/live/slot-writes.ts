import type { Finding } from '../providers/finding.ts'

/** Slots of a pool that are remembered: reports of several providers are seconds apart at most. */
const SLOTS = 8
/** Pools that are remembered: those that were written longest ago are forgotten first. */
const POOLS = 10_000

/**
 * Numbers the writes of a pool within a slot, 0 first, in the order in which they are told: several
 * swaps change a pool in one slot, and each leaves other reserves. The same reserves told again, by
 * whichever provider, are the same write. 0 too for what is no market of a slot.
 */
export function makeSlotWrites() {
  const pools = new Map<string, Map<number, string[]>>()
  return ({
    market,
    mint,
    pool = mint,
    slot,
  }: Pick<Finding, 'market' | 'mint' | 'pool' | 'slot'>) => {
    if (market === undefined || slot === undefined) return 0
    const { baseAmount, quoteAmount, priceUsd } = market
    const slots = pools.get(pool) ?? new Map<number, string[]>()
    pools.delete(pool)
    pools.set(pool, slots)
    if (pools.size > POOLS) pools.delete(pools.keys().next().value!)
    const writes = slots.get(slot) ?? []
    slots.set(slot, writes)
    if (slots.size > SLOTS) slots.delete(Math.min(...slots.keys()))
    // Providers without reserves tell a price.
    const state = baseAmount === undefined ? `${priceUsd}` : `${baseAmount}/${quoteAmount}`
    const known = writes.indexOf(state)
    return known >= 0 ? known : writes.push(state) - 1
  }
}

/**
 * Ids of token lines: what a source says of a token in one moment in several parts are lines with
 * names of their own, the second with `:2` at its end.
 */
export function makeTokenIds() {
  const last = new Map<string, { id: string; times: number }>()
  return (mint: string, source: string, ts: number): string => {
    const id = `token:${mint}:${source}:${ts}`
    const before = last.get(mint)
    const times = before?.id === id ? before.times + 1 : 1
    last.delete(mint)
    last.set(mint, { id, times })
    if (last.size > POOLS) last.delete(last.keys().next().value!)
    return times === 1 ? id : `${id}:${times}`
  }
}
