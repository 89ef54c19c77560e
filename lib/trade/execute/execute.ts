import { DataError } from '../../base/errors.ts'
import type { Rec } from '../../records/record.ts'
import type { Hold } from '../../store/hold.ts'
import type { Disk } from '../../store/machine-disk.ts'
import { encode } from '../../stream/encode.ts'
import type { EventTime } from '../../stream/event-time.ts'
import { type Line, makeLine } from '../../stream/line.ts'
import type { Step } from '../../stream/step.ts'
import { currencyOf, makeAccount } from '../account/account.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import type { LedgerHead } from '../ledger/ledger-lines.ts'
import { holdWallet } from '../ledger/wallet-hold.ts'
import type { Detail, Outside, TradePlan, Trading } from '../trade-plan.ts'
import { makeTrader } from '../trader.ts'
import type { SignedSwap, Venue } from '../venue.ts'
import { makeView } from '../view.ts'

export interface ExecuteOptions {
  plan: TradePlan
  venue: Venue
  outside: Outside
  cash: bigint
  /**
   * Fee and tip of one transaction, to be reserved for orders in flight, where cash is in SOL or
   * not; and rent of a token account.
   */
  fee(isSol: boolean): bigint
  rent(): bigint
  /** Path of the ledger; undefined = nothing is kept. */
  ledger: string | undefined
  /** Keeps this much of the disk back, so that exits can be written when it is full. */
  ballastBytes?: number
  /** Where the ledger is kept; the disk of the machine unless said. */
  disk?: Disk | undefined
  /** Address that the money of a live ledger belongs to. */
  wallet?: string
  maxTokens: number
  detail?: Detail | undefined
  /** Judges the times of lines: where a ledger ends, it goes on. */
  time?: EventTime
  count(what: string): void
  /** Puts a figure into the closing summary. */
  note?(what: string, value: string): void
  warn(text: string): void
}

/** What trading works with, and the ledger behind it. */
export interface Opened {
  trading: Trading
  /** Lines made since the last call. They are on disk when it returns. */
  commit(): Line[]
  /** Newest signed bytes of an intent that an earlier run left. */
  signedOf(intent: string): SignedSwap | undefined
  /** The disk is full: only exits may still be written. */
  isFull(): boolean
  close(): void
}

/**
 * The step of `execute` on paper. Lines of one input batch are traded one after the other; before
 * any of its output leaves, the ledger holds it, synced once. How lines are batched changes nothing
 * in the bytes.
 */
export function makeExecute(options: ExecuteOptions): Step {
  const { trading, commit, close } = openTrading(options)
  const trader = makeTrader(trading)
  trader.restore()
  if (trading.now > 0) options.time?.begin(trading.now)
  return {
    isReducer: true,
    setBack: trader.setBack,
    batch(lines, emit) {
      const failure = takeAll(trader, lines)
      for (const line of commit()) emit(line)
      if (failure !== undefined) throw failure
    },
    end(emit) {
      trader.end()
      for (const line of commit()) emit(line)
    },
    close,
  }
}

/** Trades on lines in order; the error that ended it, which names its line. */
export function takeAll(trader: { take(rec: Rec): void }, lines: readonly Line[]): unknown {
  for (const line of lines) {
    try {
      trader.take(line.rec)
    } catch (error) {
      if (error instanceof DataError) error.line ??= line.no
      return error
    }
  }
  return undefined
}

/** Refusals intend nothing, so nothing of them has to survive. */
const isKept = ({ rec }: Line): boolean => rec.order?.state !== 'refused'

const headOf = ({ plan, cash, wallet }: ExecuteOptions): LedgerHead => ({
  ledger: 'sluice',
  v: 1,
  mode: plan.mode,
  cashLamports: String(cash),
  ...(wallet !== undefined && { wallet }),
})

/** The ledger of a run; the wallet is let go of when it cannot be opened. */
function openHeld(
  { ledger: path, ballastBytes, wallet, warn, disk }: ExecuteOptions,
  head: LedgerHead,
  replay: (rec: Rec, bytes: SignedSwap | undefined) => void,
  held: Hold | undefined,
): Ledger | undefined {
  if (path === undefined) return undefined
  try {
    // Real money needs the kernel’s word that nobody else writes.
    const onWeakLock = wallet === undefined ? warn : undefined
    return openLedger(path, head, replay, { ballastBytes, onWeakLock, disk })
  } catch (error) {
    held?.release()
    throw error
  }
}

const holdOf = ({ wallet, disk }: ExecuteOptions): Hold | undefined =>
  wallet === undefined ? undefined : holdWallet(wallet, process.env, disk)

/** Opens ledger and book, and puts the account back where the last run stood. */
export function openTrading(options: ExecuteOptions): Opened {
  const { plan, venue, outside, detail, cash, fee, rent, count, warn } = options
  const note: Trading['note'] = (what, value) => options.note?.(what, value)
  const account = makeAccount(cash, order => {
    const isSol = currencyOf((order.side === 'buy' ? order.inMint : order.outMint) ?? '') === 'sol'
    const deposit = isSol && order.side === 'buy' ? rent() : 0n
    return fee(isSol) + BigInt(order.priorityFeeLamports ?? '0') + deposit
  })
  const made: { line: Line; kept: string }[] = []
  const signed = new Map<string, SignedSwap>()
  const head = headOf(options)
  const replay = (rec: Rec, bytes: SignedSwap | undefined): void => {
    // Lines are written in order of time, unless time was set back between two of them.
    if (rec.ts < account.now()) account.setBack(rec.ts)
    account.apply(rec)
    if (bytes !== undefined && rec.order !== undefined) signed.set(rec.order.intent, bytes)
  }
  const wallet = holdOf(options)
  const ledger = openHeld(options, head, replay, wallet)
  if (ledger !== undefined && ledger.repaired > 0)
    warn(`${options.ledger}: cut off ${ledger.repaired} bytes of a line that was never finished`)
  const view = makeView(options.maxTokens, mint => account.book.heldOf(mint) !== undefined)
  const write = (rec: Rec, bytes?: SignedSwap): void => {
    account.apply(rec)
    const line = makeLine(rec)
    made.push({ line, kept: bytes === undefined ? line.raw : encode({ ...rec, signed: bytes }) })
  }
  return {
    trading: {
      plan,
      view,
      account,
      venue,
      outside,
      detail,
      now: 0,
      entries: new Map(),
      write,
      count,
      note,
    },
    commit() {
      const out = made.splice(0)
      ledger?.append(out.filter(({ line }) => isKept(line)).map(({ kept }) => kept))
      return out.map(({ line }) => line)
    },
    signedOf: intent => signed.get(intent),
    isFull: () => ledger?.isFull() === true,
    close() {
      ledger?.close()
      wallet?.release()
    },
  }
}
