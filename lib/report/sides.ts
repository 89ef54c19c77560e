import { scale, share } from '../market/ratio.ts'
import { besideOf, type Fill } from '../records/fill.ts'

const KINDS = ['pool', 'impact', 'slippage', 'network', 'priority', 'tip'] as const
type Kind = (typeof KINDS)[number]

/** What fills of one side cost, in basis points of the cash that they moved before costs. */
export interface Side {
  side: Fill['side']
  fills: number
  /** What was moved, in lamports or 1e-9 of the currency. */
  cashLamports: bigint
  chargedBps: number
  /** What the settings ask, weighted as the cash; absent unless each fill says it. */
  askedBps?: number
  /** Fills whose impact nothing tells: neither liquidity nor a volume. */
  impactUnknown: number
  bps: Record<Kind, number>
}

interface Sum {
  fills: number
  cash: bigint
  kinds: Record<Kind, bigint>
  /** Σ asked × cash, as a share of cash. */
  asked: bigint
  silent: number
  impactUnknown: number
}

const BPS = 10_000
/** Amounts are whole: floors of six kinds may leave this much below what was asked. */
const ROUNDING_BPS = 0.05

const blank = (): Sum => ({
  fills: 0,
  cash: 0n,
  kinds: { pool: 0n, impact: 0n, slippage: 0n, network: 0n, priority: 0n, tip: 0n },
  asked: 0n,
  silent: 0,
  impactUnknown: 0,
})

/**
 * Costs of one fill by kind. Against reserves pool fee and impact are in the price: counted too.
 */
export function kindsOf(fill: Fill): Record<Kind, bigint> & { cash: bigint } {
  const paid = BigInt(fill.inAmount)
  const got = BigInt(fill.outAmount)
  const isBuy = fill.side === 'buy'
  const cash = isBuy ? paid + besideOf(fill) : got
  const fee = BigInt(fill.poolFeeAmount ?? '0')
  const inPrice = isBuy ? fee : paid === 0n ? 0n : (fee * got) / paid
  return {
    cash,
    pool: fill.costs === undefined ? inPrice : BigInt(fill.costs.poolLamports),
    impact:
      fill.costs === undefined
        ? scale(cash, fill.impact ?? 0)
        : BigInt(fill.costs.impactLamports ?? '0'),
    slippage: BigInt(fill.costs?.slippageLamports ?? '0'),
    network: BigInt(fill.feeLamports),
    priority: BigInt(fill.priorityFeeLamports),
    tip: BigInt(fill.tipLamports ?? '0'),
  }
}

/** Adds up fills by side. */
export function makeSides() {
  const sums = { buy: blank(), sell: blank() }
  return {
    take(fill: Fill): void {
      const sum = sums[fill.side]
      const { cash, ...kinds } = kindsOf(fill)
      sum.fills++
      sum.cash += cash
      for (const kind of KINDS) sum.kinds[kind] += kinds[kind]
      if (fill.costs === undefined) sum.silent++
      else sum.asked += scale(cash, fill.costs.askedBps / BPS)
      if (fill.costs !== undefined && fill.costs.impactLamports === undefined) sum.impactUnknown++
    },
    value: (): Side[] => [sideOf('buy', sums.buy), sideOf('sell', sums.sell)].flat(),
  }
}

function sideOf(side: Fill['side'], sum: Sum): Side[] {
  const { fills, cash, kinds, asked, silent, impactUnknown } = sum
  if (fills === 0) return []
  const inBps = (amount: bigint): number => Math.round(share(amount, cash) * BPS * 100) / 100
  const all = KINDS.reduce((total, kind) => total + kinds[kind], 0n)
  return [
    {
      side,
      fills,
      cashLamports: cash,
      chargedBps: inBps(all),
      ...(silent === 0 && { askedBps: inBps(asked) }),
      impactUnknown,
      bps: Object.fromEntries(KINDS.map(kind => [kind, inBps(kinds[kind])])) as Side['bps'],
    },
  ]
}

/**
 * One sentence where fills cost less than was asked, or part of it could not be known; undefined
 * where they cost what was asked.
 */
export function belowAsked(sides: readonly Side[]): string | undefined {
  const parts = sides.flatMap(({ side, fills, chargedBps, askedBps, impactUnknown }) => {
    const isBelow = askedBps !== undefined && chargedBps < askedBps - ROUNDING_BPS
    return [
      ...(isBelow ? [`${side}s cost ${chargedBps} of ${askedBps} bps`] : []),
      ...(impactUnknown > 0
        ? [`${impactUnknown} of ${fills} ${side}s have no impact: no liquidity, no volume`]
        : []),
    ]
  })
  return parts.length === 0 ? undefined : `Costs are below what was asked: ${parts.join('; ')}`
}
