import { createHash } from 'node:crypto'
import { LEDGER_ROUTES, ROUTES } from './jupiter-routes.ts'
import { SWAPS } from './jupiter-steps.ts'

/** A form of a swap of Jupiter’s aggregator, by its published IDL. */
interface RouteLayout {
  name: string
  discriminator: string
  /**
   * Accounts in their order; what follows is of the exchanges on the way. A name with `?` is
   * optional: Jupiter’s own address stands there when it is not given.
   */
  accounts: readonly string[]
  /** Arguments in their order, each with its bytes; of a route those that end a step. */
  args: readonly (readonly [name: string, bytes: number | { step: number }])[]
}

/** What the data of a swap says. */
export interface RouteAmounts {
  /** The amount that is fixed: what goes in, or what comes out; and the other one, as quoted. */
  isIn: boolean
  fixed: bigint
  quoted: bigint
  slippageBps: bigint
  /** What the platform keeps. */
  feeBps: bigint
  /**
   * The amounts are those that the program reads. Else an exchange of the route is newer than the
   * IDL, and the amounts behind the route are only where they should be.
   */
  isExact: boolean
}

type Piece = number | { list: readonly Piece[] } | { maybe: readonly Piece[] }

export const ROUTE_LAYOUTS: readonly RouteLayout[] = ROUTES

/** First eight bytes of an instruction of an Anchor program: sha256 of `global:` and its name. */
export const discriminatorOf = (name: string): string =>
  createHash('sha256').update(`global:${name}`).digest('hex').slice(0, 16)

const byDiscriminator = new Map(ROUTE_LAYOUTS.map(each => [each.discriminator, each]))
const ledgerRoutes = new Map<string, string>(Object.entries(LEDGER_ROUTES))
const headOf = (data: Buffer): string => data.toString('hex', 0, HEAD)
const HEAD = 8

/** The layout of a swap of Jupiter by its data; undefined for any other instruction. */
export const layoutOf = (data: Buffer): RouteLayout | undefined => byDiscriminator.get(headOf(data))

/** Name of a form whose amount is in a ledger account: what it takes is not in its bytes. */
export const ledgerRouteOf = (data: Buffer): string | undefined => ledgerRoutes.get(headOf(data))

/**
 * The amounts in the data of a swap; undefined when it is too short, or longer than it says: a
 * program reads from the front, and what it leaves over could be shown to us.
 */
export function amountsOf({ args }: RouteLayout, data: Buffer): RouteAmounts | undefined {
  const found = new Map<string, bigint>()
  let at: number | undefined = HEAD
  for (const [i, [name, bytes]] of args.entries()) {
    if (typeof bytes === 'number') {
      if (at + bytes > data.length) return undefined
      found.set(name, numberAt(data, at, bytes))
      at += bytes
      continue
    }
    const behind: RouteLayout['args'] = args.slice(i + 1)
    at = pastRoute(data, at, bytes.step)
    if (at !== undefined) continue
    readBack(behind, data, found)
    return numbersOf(found, behind.length === 0)
  }
  return at === data.length ? numbersOf(found, true) : undefined
}

/** Arguments behind a route that cannot be read, from the end. */
function readBack(args: RouteLayout['args'], data: Buffer, found: Map<string, bigint>): void {
  let at = data.length
  for (const [name, bytes] of [...args].reverse()) {
    at -= bytes as number
    if (at >= HEAD) found.set(name, numberAt(data, at, bytes as number))
  }
}

function numbersOf(found: ReadonlyMap<string, bigint>, isExact: boolean): RouteAmounts | undefined {
  const isIn = found.has('in_amount')
  const fixed = found.get(isIn ? 'in_amount' : 'out_amount')
  const quoted = found.get(isIn ? 'quoted_out_amount' : 'quoted_in_amount')
  const [slippageBps, feeBps] = [found.get('slippage_bps'), found.get('platform_fee_bps')]
  if ([fixed, quoted, slippageBps, feeBps].includes(undefined)) return undefined
  return {
    isIn,
    fixed: fixed!,
    quoted: quoted!,
    slippageBps: slippageBps!,
    feeBps: feeBps!,
    isExact,
  }
}

const numberAt = (data: Buffer, at: number, bytes: number): bigint =>
  bytes === 8 ? data.readBigUInt64LE(at) : BigInt(data.readUIntLE(at, bytes))

/** No transaction has room for more steps, or more entries of a list. */
const MOST = 128

/**
 * Where a route ends: a count, then steps of an exchange, what it wants, and `rest` bytes.
 * Undefined when an exchange is not known, or the data end before.
 */
function pastRoute(data: Buffer, from: number, rest: number): number | undefined {
  const count = countAt(data, from)
  let at: number | undefined = from + 4
  for (let i = 0; i < (count ?? 0) && at !== undefined; i++) {
    const pieces: readonly Piece[] | undefined = SWAPS[data[at] ?? SWAPS.length]
    at = pieces === undefined ? undefined : past(pieces, data, at + 1)
    if (at !== undefined) at += rest
  }
  return count === undefined || at === undefined || at > data.length ? undefined : at
}

function past(pieces: readonly Piece[], data: Buffer, from: number): number | undefined {
  let at: number | undefined = from
  for (const piece of pieces) {
    if (at === undefined) return undefined
    if (typeof piece === 'number') at += piece
    else at = pastMany(piece, data, at)
  }
  return at
}

function pastMany(piece: Exclude<Piece, number>, data: Buffer, at: number): number | undefined {
  const isList = 'list' in piece
  const count = isList ? countAt(data, at) : data[at]
  if (count === undefined || (!isList && count > 1)) return undefined
  let end: number | undefined = at + (isList ? 4 : 1)
  for (let i = 0; i < count && end !== undefined; i++)
    end = past(isList ? piece.list : piece.maybe, data, end)
  return end
}

function countAt(data: Buffer, at: number): number | undefined {
  const count = at + 4 > data.length ? undefined : data.readUInt32LE(at)
  return count === undefined || count > MOST ? undefined : count
}
