import type { Order } from '../../records/order.ts'
import type { Position } from '../../records/position.ts'
import type { Rec } from '../../records/record.ts'
import { inUnits } from '../../report/report-text.ts'
import { encode } from '../../stream/encode.ts'
import { makeAccount } from '../account/account.ts'
import { isOpen } from '../account/intents.ts'
import { type LedgerRead, readLedger } from './ledger-read.ts'

/**
 * Newest state of everything a ledger is about, and its totals in lamports (or 1e-9 of the
 * currency).
 */
export interface LedgerView extends LedgerRead {
  path: string
  mint: string | undefined
  intents: Map<string, { rec: Rec; order: Order }>
  fills: Rec[]
  positions: Map<string, { rec: Rec; position: Position }>
  totals: Record<(typeof TOTALS)[number], bigint>
  unit: string
}

const TOTALS = ['cash', 'reserved', 'cost', 'proceeds', 'fees', 'rent', 'realized'] as const

/**
 * Reads a ledger, all of it or the lines of one mint. Totals of a mint leave cash out: money has no
 * token.
 */
export function viewLedger(path: string, mint: string | undefined): LedgerView {
  const account = makeAccount(0n, () => 0n)
  const found = { intents: new Map(), fills: [] as Rec[], positions: new Map() } as Pick<
    LedgerView,
    'intents' | 'fills' | 'positions'
  >
  const read = readLedger(path, rec => {
    if (mint !== undefined && rec.mint !== mint) return
    account.apply(rec)
    if (rec.order !== undefined) found.intents.set(rec.order.intent, { rec, order: rec.order })
    else if (rec.fill !== undefined) found.fills.push(rec)
    else if (rec.position !== undefined)
      found.positions.set(rec.position.id, { rec, position: rec.position })
  })
  const { book, intents } = account
  const closed = [...found.positions.values()].filter(
    ({ position }) => position.status === 'closed',
  )
  const totals = {
    ...book.totals(),
    cash: BigInt(read.head.cashLamports) + book.cash(),
    reserved: intents.reserved(),
    realized: closed.reduce((sum, { position }) => sum + BigInt(position.pnlLamports ?? '0'), 0n),
  }
  const currency = account.currency()
  const unit = currency === undefined || currency === 'sol' ? 'SOL' : currency
  return { path, mint, ...read, ...found, totals, unit }
}

/** One line of NDJSON per intent, fill and position, with its newest state; then totals. */
export function ledgerLines({ head, lines, torn, path, mint, ...view }: LedgerView): string {
  const { intents, fills, positions, totals } = view
  const rows: object[] = [
    { of: 'ledger', path, mode: head.mode, startLamports: head.cashLamports, lines },
  ]
  for (const { rec, order } of intents.values())
    rows.push({ of: 'intent', ts: rec.ts, mint: rec.mint, ...order })
  for (const { ts, mint: of, slot, fill } of fills)
    rows.push({ of: 'fill', ts, mint: of, ...(slot === undefined ? {} : { slot }), ...fill })
  for (const { rec, position } of positions.values())
    rows.push({ of: 'position', ts: rec.ts, mint: rec.mint, ...position })
  const amounts = TOTALS.filter(name => mint === undefined || name !== 'cash').map(
    name => [`${name}Lamports`, String(totals[name])] as const,
  )
  rows.push({ of: 'totals', ...countsOf(view), ...Object.fromEntries(amounts) })
  if (torn !== undefined) rows.push({ of: 'torn', ...torn })
  return rows.map(row => `${encode(row)}\n`).join('')
}

/** How many of what: in flight, of unknown outcome, open, orphaned. */
function countsOf({
  intents,
  positions,
}: Pick<LedgerView, 'intents' | 'positions'>): Record<string, number> {
  const orders = [...intents.values()].map(({ order }) => order)
  const status = (wanted: Position['status']): number =>
    [...positions.values()].filter(({ position }) => position.status === wanted).length
  return {
    inFlight: orders.filter(order => isOpen({ order })).length,
    unknown: orders.filter(({ state }) => state === 'unknown').length,
    open: status('open'),
    orphans: status('orphan'),
    closed: status('closed'),
  }
}

const time = (ts: number): string => new Date(ts).toISOString().slice(0, 19).replace('T', ' ')
const row = (...cells: (string | undefined)[]): string =>
  `  ${cells.filter(cell => cell !== undefined).join('  ')}`
const ended = ({ state, reasons }: Order): string =>
  reasons.length === 0 ? state : `${state} (${reasons.join(', ')})`

/** The same for people. Amounts of the cash side in whole units; of tokens in base units. */
export function ledgerText(view: LedgerView): string {
  const { path, head, lines, intents, fills, positions, totals, unit, mint, torn } = view
  const text = [
    `${path}: ${head.mode}, ${lines} lines, started with ` +
      `${inUnits(BigInt(head.cashLamports))} ${unit}`,
    `Intents (${intents.size})`,
    ...[...intents.values()].map(({ rec, order }) =>
      row(time(rec.ts), order.side.padEnd(4), rec.mint, ended(order), order.signature),
    ),
    `Fills (${fills.length})`,
    ...fills.map(({ ts, mint: of, fill }) =>
      row(time(ts), (fill?.side ?? '').padEnd(4), of, `${fill?.inAmount} → ${fill?.outAmount}`),
    ),
    `Positions (${positions.size})`,
    ...[...positions.values()].map(({ rec, position }) => positionRow(rec, position, unit)),
    'Totals',
    ...TOTALS.filter(name => mint === undefined || name !== 'cash').map(name =>
      row(name.padEnd(10), `${inUnits(totals[name])} ${unit}`),
    ),
    ...Object.entries(countsOf(view)).map(([name, count]) => row(name.padEnd(10), String(count))),
    ...(torn === undefined
      ? []
      : [`Line ${torn.line} is not finished: ${torn.bytes} bytes, being written or torn`]),
  ]
  return `${text.join('\n')}\n`
}

function positionRow({ mint }: Rec, position: Position, unit: string): string {
  const { status, exit, openedAt, amount, costLamports, pnlLamports } = position
  const result =
    pnlLamports === undefined ? `cost ${inUnits(BigInt(costLamports))} ${unit}` : undefined
  const profit = pnlLamports === undefined ? undefined : `${inUnits(BigInt(pnlLamports))} ${unit}`
  return row(
    time(openedAt),
    mint,
    exit === undefined ? status : `${status} by ${exit}`,
    `holds ${amount}`,
    result ?? profit,
  )
}
