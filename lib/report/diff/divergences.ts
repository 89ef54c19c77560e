import { tidy } from '../../market/ratio.ts'
import { type Course, costOf, type Leg } from './courses.ts'

/** Which of both files lacks it, or what differs. */
type Why =
  | 'missing-a'
  | 'missing-b'
  | 'side'
  | 'state'
  | 'size'
  | 'price'
  | 'cost'
  | 'time'
  | 'reason'

/** What one file says; absent where it says nothing. */
export interface Said {
  act?: string
  state?: string
  reasons?: readonly string[]
  exit?: string
  inAmount?: string
  outAmount?: string
  /** Cash over tokens, in base units. */
  price?: number
  costLamports?: string
  at?: number
}

/** A decision, order, fill or exit on which two files differ. */
export interface Divergence {
  what: 'decision' | 'order' | 'fill' | 'exit'
  /** Id of the line of the decision that it all began with. */
  decision: string
  mint?: string
  /** Of an exit: which sale of its position. */
  sale?: number
  why: Why[]
  a?: Said
  b?: Said
}

export interface Diff {
  /** Decisions that either file says something of, that both do, and on which these agree. */
  decisions: number
  common: number
  same: number
  /** In one file alone, of a kind that the other does not keep. */
  untold: number
  divergences: Divergence[]
}

/** A file as its decisions, and whether it keeps refusals: a ledger does not. */
export interface Side {
  courses: ReadonlyMap<string, Course>
  isLedger: boolean
}

/**
 * Compares two runs decision by decision, in the order of the first and then of the second. What
 * one of them cannot tell (decisions and refusals in a ledger) is no divergence.
 */
export function diffOf(a: Side, b: Side): Diff {
  const ids = [...new Set([...a.courses.keys(), ...b.courses.keys()])]
  const tells = [a, b].every(({ courses }) =>
    [...courses.values()].some(({ decision }) => decision !== undefined),
  )
  const divergences: Divergence[] = []
  let [common, same, untold] = [0, 0, 0]
  for (const id of ids) {
    const [one, other] = [a.courses.get(id), b.courses.get(id)]
    const found = [
      ...(tells ? decisions(one, other) : []),
      ...orders(one, other, { a, b }),
      ...fills(one?.buy, other?.buy),
      ...exits(one, other),
    ]
    const isCommon = one !== undefined && other !== undefined
    if (isCommon) common++
    if (found.length === 0 && isCommon) same++
    if (found.length === 0 && !isCommon) untold++
    const mint = one?.mint ?? other?.mint
    for (const { what, ...rest } of found)
      divergences.push({ what, decision: id, ...(mint !== undefined && { mint }), ...rest })
  }
  return { decisions: ids.length, common, same, untold, divergences }
}

type Found = Omit<Divergence, 'decision' | 'mint'>

const made = (what: Found['what'], why: readonly (Why | false)[], a?: Said, b?: Said): Found[] => {
  const reasons = why.filter(each => each !== false)
  return reasons.length === 0
    ? []
    : [{ what, why: reasons, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }]
}

/** The one side that lacks something; undefined where both have it, or neither. */
const lacking = (a: unknown, b: unknown): Why | undefined =>
  a === undefined && b !== undefined
    ? 'missing-a'
    : a !== undefined && b === undefined
      ? 'missing-b'
      : undefined

const isOther = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...a].sort()) !== JSON.stringify([...b].sort())

function decisions(one: Course | undefined, other: Course | undefined): Found[] {
  const [a, b] = [one?.decision, other?.decision]
  const say = (it: Course['decision']): Said | undefined =>
    it && {
      act: it.act,
      reasons: it.reasons,
      ...(it.sizeLamports !== undefined && { inAmount: it.sizeLamports }),
      ...(it.exit !== undefined && { exit: it.exit }),
    }
  const lack = lacking(a, b)
  if (lack !== undefined) return made('decision', [lack], say(a), say(b))
  if (a === undefined || b === undefined) return []
  const why: (Why | false)[] = [
    a.act !== b.act && 'side',
    a.sizeLamports !== b.sizeLamports && a.act === b.act && 'size',
    (isOther(a.reasons, b.reasons) || a.exit !== b.exit) && 'reason',
  ]
  return made('decision', why, say(a), say(b))
}

const isRefused = (leg: Leg | undefined): boolean => leg?.order.state === 'refused'

const saidOfOrder = ({ order }: Leg): Said => ({
  state: order.state,
  reasons: order.reasons,
  ...(order.inAmount !== undefined && { inAmount: order.inAmount }),
  ...(order.exit !== undefined && { exit: order.exit }),
  ...(order.decidedAt !== undefined && { at: order.decidedAt }),
})

function orders(
  one: Course | undefined,
  other: Course | undefined,
  { a: left, b: right }: { a: Side; b: Side },
): Found[] {
  const [a, b] = [one?.buy, other?.buy]
  const [sayA, sayB] = [a && saidOfOrder(a), b && saidOfOrder(b)]
  const lack = lacking(a, b)
  if (lack !== undefined) {
    const isUntold = isRefused(a ?? b) && (lack === 'missing-a' ? left.isLedger : right.isLedger)
    const hasSold = (lack === 'missing-a' ? one : other)?.hasSold === true
    return isUntold ? [] : made('order', [hasSold ? 'side' : lack], sayA, sayB)
  }
  if (a === undefined || b === undefined) return []
  const why: (Why | false)[] = [
    // How a placed one ended is told with its fill, or here where neither has one.
    (isRefused(a) !== isRefused(b) ||
      (a.fill === undefined && b.fill === undefined && a.order.state !== b.order.state)) &&
      'state',
    a.order.inAmount !== b.order.inAmount && 'size',
    isOther(a.order.reasons, b.order.reasons) && 'reason',
    a.order.decidedAt !== b.order.decidedAt && 'time',
  ]
  return made('order', why, sayA, sayB)
}

/** Amounts of tokens and of cash of a fill. */
function amountsOf({ order, fill }: Leg): { tokens: bigint; cash: bigint } | undefined {
  if (fill === undefined) return undefined
  const [paid, got] = [BigInt(fill.fill.inAmount), BigInt(fill.fill.outAmount)]
  return order.side === 'buy' ? { tokens: got, cash: paid } : { tokens: paid, cash: got }
}

function saidOfFill(leg: Leg): Said {
  const said = saidOfOrder(leg)
  const amounts = amountsOf(leg)
  if (leg.fill === undefined || amounts === undefined) return said
  const { ts, fill } = leg.fill
  const { tokens, cash } = amounts
  return {
    ...said,
    inAmount: fill.inAmount,
    outAmount: fill.outAmount,
    ...(tokens > 0n && { price: tidy(Number(cash) / Number(tokens)) }),
    costLamports: String(costOf(fill)),
    at: ts,
  }
}

/** More apart than floors of what was received could put them. */
function isOtherPrice(
  side: Leg['order']['side'],
  one: { tokens: bigint; cash: bigint },
  other: { tokens: bigint; cash: bigint },
): boolean {
  const apart = one.cash * other.tokens - other.cash * one.tokens
  const rounding = side === 'buy' ? one.cash + other.cash : one.tokens + other.tokens
  return (apart < 0n ? -apart : apart) > rounding
}

/** What differs between two legs that were filled. */
function filledApart(a: Leg, b: Leg): (Why | false)[] {
  const [one, other] = [amountsOf(a), amountsOf(b)]
  if (a.fill === undefined || b.fill === undefined || one === undefined || other === undefined)
    return []
  return [
    a.fill.fill.inAmount !== b.fill.fill.inAmount && 'size',
    isOtherPrice(a.order.side, one, other) && 'price',
    costOf(a.fill.fill) !== costOf(b.fill.fill) && 'cost',
    a.fill.ts !== b.fill.ts && 'time',
  ]
}

function fills(a: Leg | undefined, b: Leg | undefined): Found[] {
  const lack = lacking(a?.fill, b?.fill)
  const [sayA, sayB] = [a && saidOfFill(a), b && saidOfFill(b)]
  if (lack !== undefined) return made('fill', [lack], sayA, sayB)
  return a === undefined || b === undefined ? [] : made('fill', filledApart(a, b), sayA, sayB)
}

function exits(one: Course | undefined, other: Course | undefined): Found[] {
  const [left, right] = [one?.sells ?? [], other?.sells ?? []]
  const found: Found[] = []
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [a, b] = [left[i], right[i]]
    for (const each of exit(a, b)) found.push({ ...each, sale: i + 1 })
  }
  return found
}

function exit(a: Leg | undefined, b: Leg | undefined): Found[] {
  const [sayA, sayB] = [a && saidOfFill(a), b && saidOfFill(b)]
  const lack = lacking(a, b)
  if (lack !== undefined) return made('exit', [lack], sayA, sayB)
  if (a === undefined || b === undefined) return []
  const why: (Why | false)[] = [
    a.order.state !== b.order.state && 'state',
    (a.order.exit !== b.order.exit || isOther(a.order.reasons, b.order.reasons)) && 'reason',
    ...filledApart(a, b),
  ]
  return made('exit', why, sayA, sayB)
}
