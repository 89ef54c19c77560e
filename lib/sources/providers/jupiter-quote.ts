import { createHash } from 'node:crypto'
import { amountOf, type Complaints, type Reading, reading } from '../net/outside.ts'
import { dexName } from './dex-names.ts'
import { type Finding, only } from './finding.ts'
import type { Call } from './provider.ts'

const LIMIT = { perMinute: 30, burst: 3 }
/** A quote is good for about five slots. */
const GOOD_FOR_MS = 2000
/** Two signatures and a usual priority fee, where nobody says better. */
const NETWORK_LAMPORTS = 10_000n

interface Quote {
  inMint: string
  outMint: string
  inAmount: bigint
  outAmount: bigint
  slot: number | undefined
  legs: NonNullable<Finding['opportunity']>['path']
}

/**
 * Asks what an amount of one mint gives of another. A route may be missing: young tokens have none
 * yet.
 */
export const quoteCall = (
  inMint: string,
  outMint: string,
  amount: bigint,
): Call<Quote | undefined> => ({
  // Without a taker an order is a quote; market makers quote for a taker only, so they are left
  // out.
  path:
    `/swap/v2/order?inputMint=${inMint}&outputMint=${outMint}&amount=${amount}&` +
    `excludeRouters=jupiterz`,
  limit: LIMIT,
  reads400: true,
  read: (body, _at, complain) => readQuote(body, complain),
})

/**
 * A quote; undefined where there is no route, or only one that splits an amount over several legs
 * at once.
 */
export function readQuote(body: unknown, complain: Complaints): Quote | undefined {
  const quote = reading(body, 'jupiter.quote', complain)
  if (quote.get('errorCode') !== undefined) return undefined
  const ends = endsOf(quote)
  const legs = quote.list('routePlan', 16).map(leg => readLeg(leg))
  const isChain =
    legs.length > 0 && legs.length <= 4 && quote.list('routePlan', 16).every(leg => isWhole(leg))
  if (ends === undefined || !isChain || legs.some(leg => leg === undefined)) {
    complain.rejected('jupiter: a quote that is not one chain of legs')
    return undefined
  }
  return { ...ends, slot: quote.count('contextSlot'), legs: legs as Quote['legs'] }
}

const isWhole = (leg: Reading): boolean =>
  (leg.number('percent') ?? (leg.number('bps') ?? 0) / 100) === 100

function endsOf(
  of: Reading,
): Pick<Quote, 'inMint' | 'outMint' | 'inAmount' | 'outAmount'> | undefined {
  const [inMint, outMint] = [of.address('inputMint'), of.address('outputMint')]
  const [inAmount, outAmount] = [amountOf(of.get('inAmount')), amountOf(of.get('outAmount'))]
  if (
    inMint === undefined ||
    outMint === undefined ||
    inAmount === undefined ||
    outAmount === undefined
  )
    return undefined
  return { inMint, outMint, inAmount: BigInt(inAmount), outAmount: BigInt(outAmount) }
}

function readLeg(leg: Reading): Quote['legs'][number] | undefined {
  const swap = reading(leg.get('swapInfo'), 'jupiter.quote', {
    dropped: () => undefined,
    rejected: () => undefined,
  })
  const ends = endsOf(swap)
  const dex = dexName(swap.get('label'), undefined, 'jupiter')
  if (ends === undefined || dex === undefined) return undefined
  const { inMint, outMint, inAmount, outAmount } = ends
  return only<Quote['legs'][number]>({
    dex,
    pool: swap.address('ammKey'),
    inMint,
    outMint,
    inAmount: String(inAmount),
    outAmount: String(outAmount),
  })
}

/**
 * The way there and back as one path: it starts and ends in the same mint, so that what comes out
 * can be set against what went in. Undefined when the two quotes do not fit together.
 */
export function opportunityOf(there: Quote, back: Quote, at: number): Finding | undefined {
  const isClosed =
    there.inMint === back.outMint &&
    there.outMint === back.inMint &&
    back.inAmount <= there.outAmount
  if (!isClosed || there.inAmount === 0n) return undefined
  const gross = shareOf(back.outAmount - there.inAmount, there.inAmount)
  const net = shareOf(back.outAmount - there.inAmount - NETWORK_LAMPORTS, there.inAmount)
  const slot = back.slot ?? there.slot
  return only<Finding>({
    mint: there.outMint,
    ts: at,
    slot,
    opportunity: {
      path: [...there.legs, ...back.legs].slice(0, 8),
      inAmount: String(there.inAmount),
      outAmount: String(back.outAmount),
      feeLamports: String(NETWORK_LAMPORTS),
      profit: net,
      spread: gross,
      validUntilAt: at + GOOD_FOR_MS,
    },
  })
}

/** A ratio to nine digits behind the point. */
const shareOf = (part: bigint, of: bigint): number => Number((part * 1_000_000_000n) / of) / 1e9 + 0

/** First 8 hex of the hash of a path: opportunities along the same pools have the same name. */
export function pathHash(
  path: readonly { dex: string; pool?: string; inMint: string; outMint: string }[],
): string {
  const text = path
    .map(({ dex, pool = '', inMint, outMint }) => `${dex} ${pool} ${inMint} ${outMint}`)
    .join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
