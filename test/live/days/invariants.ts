import type { Order } from '../../../lib/records/order.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeAccount } from '../../../lib/trade/account/account.ts'
import { SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { DOG, DOGS, GIFT, START_LAMPORTS, THIEF, TOKENS, US, WRAPPED } from './cast.ts'
import type { Landed } from './chain.ts'
import type { Decision } from './day.ts'
import { LEDGER, type Outside } from './process.ts'

const SOL = 1_000_000_000n
/** Caps of the settings, and what beside the amount a buy may take: fees and two deposits. */
const MOST = { trade: 1n * SOL, day: 3n * SOL, total: 2n * SOL }
const FEES = 20_000_000n

/** What must never be, whatever went wrong; at the end of a day in calm weather some more. */
export function wrongWith(
  outside: Outside,
  decisions: readonly Decision[],
  isEnd = false,
): string[] {
  const { chain } = outside
  const wrong: string[] = []
  const buys = [...chain.landed.values()].flatMap(landed => buyIn(landed) ?? [])
  for (const [id, count] of countBy(buys.map(({ lamports }) => idOf(lamports, decisions))))
    if (count > 1 || id === undefined) wrong.push(`${count} buys for decision ${id}`)
  for (const { lamports, took } of buys)
    if (lamports > MOST.trade || took > lamports + FEES) wrong.push(`a buy took ${took}`)
  for (const [day, spent] of spentByDay(chain))
    if (spent > MOST.day) wrong.push(`${spent} lamports spent on ${day}`)
  wrong.push(...tooMuchAtStake(outside))
  const dogs = chain.get(DOG.ours)?.token
  if (dogs?.amount !== DOGS || dogs.owner !== US) wrong.push('another token was moved')
  if (isEnd) wrong.push(...wrongAtEnd(outside))
  return wrong
}

const MIDNIGHT_MS = 90_000
const DAY_MS = 86_400_000

/** What buys took on each day; one that landed just after midnight may be of the day before. */
function spentByDay(chain: Outside['chain']): Map<string, bigint> {
  const spent = new Map<string, bigint>()
  for (const landed of chain.landed.values()) {
    const at = chain.timeOf(landed.height)
    const lamports = buyIn(landed)?.lamports ?? 0n
    const day = new Date(at).toISOString().slice(0, 10)
    if (at % DAY_MS >= MIDNIGHT_MS) spent.set(day, (spent.get(day) ?? 0n) + lamports)
  }
  return spent
}

/**
 * Where what open positions cost went beyond the cap for all of them. What a ledger has lost for
 * good it cannot count: of such a day only what was bought after its last loss is looked at.
 */
function tooMuchAtStake({ chain, lostAt }: Outside): string[] {
  const costs = new Map<string, bigint>()
  const wrong: string[] = []
  for (const landed of chain.landed.values()) {
    if (landed.error !== undefined) continue
    const bought = landed.height > lostAt ? (buyIn(landed)?.lamports ?? 0n) : 0n
    for (const { ours } of TOKENS) {
      const at = landed.wire.keys.indexOf(ours)
      if (at < 0) continue
      const [had, has] = [landed.before, landed.after].map(all => all[at]?.token?.amount ?? 0n)
      const cost = costs.get(ours) ?? 0n
      const left = has! < had! ? (cost * has!) / had! : cost
      costs.set(ours, left + (has! > had! ? bought : 0n))
    }
    const stake = [...costs.values()].reduce((sum, cost) => sum + cost, 0n)
    if (bought > 0n && stake > MOST.total) wrong.push(`${stake} lamports at stake`)
  }
  return wrong
}

const isGift = ({ wire: { instructions } }: Landed): boolean =>
  instructions[0]?.program === SYSTEM && instructions[0].accounts[0] === THIEF

/** Base units that strangers may have put into an account of ours; the last may not be seen yet. */
function given(chain: Outside['chain'], ours: string): bigint {
  let sum = 0n
  for (const { wire, error, before, after } of chain.landed.values()) {
    const at = wire.keys.indexOf(ours)
    if (error !== undefined || at < 0 || wire.keys[0] !== THIEF) continue
    sum += (after[at]?.token?.amount ?? 0n) - (before[at]?.token?.amount ?? 0n)
  }
  return sum
}

/** Lamports that strangers sent. */
const giftsIn = (chain: Outside['chain']): bigint =>
  BigInt([...chain.landed.values()].filter(isGift).length) * GIFT

/** The decision that a buy is of: no two are of the same amount. */
const idOf = (lamports: bigint, decisions: readonly Decision[]): string | undefined =>
  decisions.find(each => each.lamports === lamports)?.id

/** Lamports that a transaction swapped, and all that it took from the wallet. */
function buyIn({ wire, error, before, after }: Landed) {
  if (error !== undefined) return undefined
  const vault = TOKENS.find(({ solVault }) => wire.keys.includes(solVault))?.solVault
  const [at, us] = [wire.keys.indexOf(vault ?? ''), wire.keys.indexOf(US)]
  const lamports = (after[at]?.lamports ?? 0n) - (before[at]?.lamports ?? 0n)
  const took = (before[us]?.lamports ?? 0n) - (after[us]?.lamports ?? 0n)
  return lamports > 0n ? { lamports, took } : undefined
}

function countBy<T>(of: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const each of of) counts.set(each, (counts.get(each) ?? 0) + 1)
  return counts
}

/**
 * What swaps moved that a lying node has denied to the end, while the other one said nothing. Of a
 * sale its word was enough to sell again, and there was nothing left to sell; of a buy only where
 * the chain finalizes at once, and what was bought is told as an orphan. The cash is looked up at
 * each start.
 */
function unbookedIn({ chain, hasLied }: Outside, raws: readonly string[]): bigint {
  if (!hasLied) return 0n
  const recs = raws.map(raw => JSON.parse(raw) as Rec)
  const orders = recs.flatMap(({ order }) => order ?? [])
  const orphans = new Set(recs.flatMap(of => (of.position?.status === 'orphan' ? of.mint : [])))
  const landed = orders.filter(({ state }) => state === 'landed')
  const filled = new Set(landed.map(({ signature }) => signature))
  let sum = 0n
  for (const { wire, error, before, after } of chain.landed.values()) {
    if (error !== undefined || filled.has(wire.signature) || wire.keys[0] !== US) continue
    const isTold = TOKENS.some(({ mint, ours }) => {
      const at = wire.keys.indexOf(ours)
      const [had, has] = [before, after].map(all => all[at]?.token?.amount ?? 0n)
      return at >= 0 && (has! < had! || (has! > had! && orphans.has(mint)))
    })
    if (isTold) sum += (after[0]?.lamports ?? 0n) - (before[0]?.lamports ?? 0n)
  }
  return sum
}

/** The book is the wallet, nothing is on its way, and everything that was bought could be sold. */
function wrongAtEnd(outside: Outside): string[] {
  const { chain, disk, hasLost, hasWitness } = outside
  const wrong: string[] = []
  const [head = '', ...raws] = disk.text(LEDGER).split('\n').slice(0, -1)
  if (head === '') return ['no ledger']
  const account = makeAccount(BigInt(JSON.parse(head).cashLamports), () => 0n)
  for (const raw of raws) account.apply(JSON.parse(raw) as Rec)
  for (const { mint, ours } of TOKENS) {
    const held = chain.get(ours)?.token?.amount ?? 0n
    const booked = account.book.heldOf(mint)
    const more = held - (booked?.amount ?? 0n)
    if (more < 0n || more > given(chain, ours))
      wrong.push(`${mint}: the wallet has ${held}, the book ${booked?.amount}`)
    if (booked?.status === 'open') wrong.push(`${mint} could not be sold`)
  }
  // One node’s word is no proof that a buy is dead: it stays unknown for a human.
  const open = [...account.intents.open()]
  const isLeft = ({ side, state }: Order) => !hasWitness && side === 'buy' && state === 'unknown'
  for (const { key, order } of open)
    if (!isLeft(order)) wrong.push(`on its way: ${key} ${order.state}`)
  const cash = (chain.get(US)?.lamports ?? 0n) + (chain.get(WRAPPED)?.token?.amount ?? 0n)
  if (cash > START_LAMPORTS * 2n || cash <= 0n) wrong.push(`cash ${cash}`)
  // What a ledger has forgotten is looked up at each start, and not written down.
  // A ledger begins with what the wallet has then.
  const begun = BigInt(JSON.parse(head).cashLamports) - START_LAMPORTS
  const booked = account.book.cash() + giftsIn(chain) - begun + unbookedIn(outside, raws)
  if (booked !== cash && !hasLost && open.length === 0)
    wrong.push(`the wallet has ${cash} lamports, the book ${booked}`)
  return wrong
}
