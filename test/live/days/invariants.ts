import type { Order } from '../../../lib/records/order.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeAccount } from '../../../lib/trade/account/account.ts'
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
  if (!outside.hasLost) wrong.push(...tooMuchAtStake(chain))
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

/** Where what open positions cost went beyond the cap for all of them. */
function tooMuchAtStake(chain: Outside['chain']): string[] {
  const costs = new Map<string, bigint>()
  const wrong: string[] = []
  for (const landed of chain.landed.values()) {
    if (landed.error !== undefined) continue
    const bought = buyIn(landed)?.lamports ?? 0n
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

/** What strangers sent. */
const giftsIn = (chain: Outside['chain']): bigint =>
  BigInt([...chain.landed.values()].filter(({ wire }) => wire.keys[0] === THIEF).length) * GIFT

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

/** The book is the wallet, nothing is on its way, and everything that was bought could be sold. */
function wrongAtEnd({ chain, disk, hasLost, hasWitness }: Outside): string[] {
  const wrong: string[] = []
  const [head = '', ...raws] = disk.text(LEDGER).split('\n').slice(0, -1)
  if (head === '') return ['no ledger']
  const account = makeAccount(BigInt(JSON.parse(head).cashLamports), () => 0n)
  for (const raw of raws) account.apply(JSON.parse(raw) as Rec)
  for (const { mint, ours } of TOKENS) {
    const held = chain.get(ours)?.token?.amount ?? 0n
    const booked = account.book.heldOf(mint)
    if (held !== (booked?.amount ?? 0n))
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
  const booked = account.book.cash() + giftsIn(chain) - begun
  if (booked !== cash && !hasLost && open.length === 0)
    wrong.push(`the wallet has ${cash} lamports, the book ${booked}`)
  return wrong
}
