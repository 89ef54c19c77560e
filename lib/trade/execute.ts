import { DataError } from '../errors.ts'
import type { Rec } from '../records/record.ts'
import { type Line, makeLine } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import { currencyOf, makeAccount } from './account.ts'
import type { Desk, Outside, TradePlan } from './desk.ts'
import { type Ledger, type LedgerHead, openLedger } from './ledger.ts'
import { makeTrader } from './trader.ts'
import type { Venue } from './venue.ts'
import { makeView } from './view.ts'

export interface ExecuteOptions {
  plan: TradePlan
  venue: Venue
  outside: Outside
  cash: bigint
  /** Fee of one signature, to be reserved for orders in flight; and rent of a token account. */
  fee: bigint
  rent: bigint
  /** Path of the ledger; undefined = nothing is kept. */
  ledger: string | undefined
  maxTokens: number
  count(what: string): void
  warn(text: string): void
}

/**
 * The step of `execute`. Lines of one input batch are traded one after the other; before any of its output leaves, the
 * ledger holds it, synced once. How lines are batched changes nothing in the bytes.
 */
export function makeExecute(options: ExecuteOptions): Step {
  const { desk, ledger, made } = open(options)
  const trader = makeTrader(desk)
  trader.restore()
  return {
    async batch(lines, emit) {
      let failure: unknown
      for (const line of lines) {
        try {
          trader.take(line.rec)
        } catch (error) {
          if (error instanceof DataError) error.line ??= line.no
          failure = error
          break
        }
      }
      const out = made.splice(0)
      ledger?.append(out.filter(isKept).map(({ raw }) => raw))
      await options.venue.flush?.()
      for (const line of out) emit(line)
      if (failure !== undefined) throw failure
    },
    close: () => ledger?.close(),
  }
}

/** Refusals intend nothing, so nothing of them has to survive. */
const isKept = ({ rec }: Line): boolean => rec.order?.state !== 'refused'

function open(options: ExecuteOptions): { desk: Desk; ledger: Ledger | undefined; made: Line[] } {
  const { plan, venue, outside, cash, fee, rent, count, warn } = options
  const account = makeAccount(cash, order => {
    const isSol = currencyOf((order.side === 'buy' ? order.inMint : order.outMint) ?? '') === 'sol'
    if (!isSol) return 0n
    return fee + BigInt(order.priorityFeeLamports ?? '0') + (order.side === 'buy' ? rent : 0n)
  })
  const made: Line[] = []
  const head: LedgerHead = { ledger: 'sluice', v: 1, mode: plan.mode, cashLamports: String(cash) }
  const ledger = options.ledger === undefined ? undefined : openLedger(options.ledger, head, account.apply)
  if (ledger !== undefined && ledger.repaired > 0)
    warn(`${options.ledger}: cut off ${ledger.repaired} bytes of a line that was never finished`)
  const view = makeView(options.maxTokens, mint => account.book.heldOf(mint) !== undefined)
  const write = (rec: Rec): void => {
    account.apply(rec)
    made.push(makeLine(rec))
  }
  return { desk: { plan, view, account, venue, outside, now: 0, entries: new Map(), write, count }, ledger, made }
}
