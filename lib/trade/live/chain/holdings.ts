import { pricePaid } from '../../../market/ratio.ts'
import { TOKEN, TOKEN_2022, WSOL } from '../../../sources/decode/programs.ts'
import type { Intent } from '../../account/intents.ts'
import { settle } from '../../settling.ts'
import { nextLine, positionLine } from '../../trade-lines.ts'
import type { Trading } from '../../trade-plan.ts'
import { writePosition } from '../../writing.ts'
import type { Chain } from './chain.ts'
import { readTokenAccount } from './token-account.ts'

/** What a wallet holds: lamports, and base units of each token that is not SOL. */
interface Wallet {
  lamports: bigint
  tokens: Map<string, bigint>
}

/** Asks the chain what the wallet holds, of both token programs; wrapped SOL counts as lamports. */
export async function readWallet(
  chain: Chain,
  wallet: string,
  signal: AbortSignal,
): Promise<Wallet> {
  const [[account], plain, extended] = await Promise.all([
    chain.accounts([wallet], signal),
    chain.tokenAccounts(wallet, TOKEN, signal),
    chain.tokenAccounts(wallet, TOKEN_2022, signal),
  ])
  const found: Wallet = { lamports: account?.lamports ?? 0n, tokens: new Map() }
  for (const { bytes } of [...plain, ...extended]) {
    const token = readTokenAccount(bytes)
    if (token === undefined || token.owner !== wallet || token.amount === 0n) continue
    if (token.mint === WSOL) found.lamports += token.amount
    else found.tokens.set(token.mint, (found.tokens.get(token.mint) ?? 0n) + token.amount)
  }
  return found
}

/**
 * Reads the wallet and returns what makes the book agree with it: the chain is right. What is gone
 * from the wallet closes its position (external), what nobody bought here becomes an orphan that
 * blocks buys of its token, and cash is what the wallet has. Orders of unknown outcome may have
 * moved what differs: tokens of an unknown buy are that buy, an unknown sale and the cash are left
 * as they are. Call the result with nothing else on its way.
 */
export async function agreement(
  trading: Trading,
  wallet: () => Promise<Wallet>,
  infoOf: (mint: string) => Promise<{ decimals: number }>,
  warn: (text: string) => void,
): Promise<() => void> {
  const found = await wallet()
  const bought = new Map<Intent, { amount: bigint; decimals: number }>()
  for (const intent of trading.account.intents.open()) {
    const amount = boughtBy(trading, intent, found)
    if (amount !== undefined) bought.set(intent, { amount, ...(await infoOf(intent.mint)) })
  }
  return () => {
    for (const [intent, { amount, decimals }] of bought) {
      warn(
        `${intent.mint}: no node tells what became of ${intent.key}, but the wallet holds ` +
          `${amount} of it: a position, guarded like any other`,
      )
      takeFound(trading, intent, amount, decimals)
    }
    closeMissing(trading, found, warn)
    adoptOrphans(trading, found, warn)
    matchCash(trading, found, warn)
  }
}

/** What the wallet holds beyond the book of a token whose buy nobody can tell the end of. */
function boughtBy(
  { account }: Trading,
  { mint, order }: Intent,
  { tokens }: Wallet,
): bigint | undefined {
  if (order.side !== 'buy' || order.state !== 'unknown') return undefined
  const more = (tokens.get(mint) ?? 0n) - (account.book.heldOf(mint)?.amount ?? 0n)
  // Less than it had to bring at least may have come from anybody.
  return more > 0n && more >= BigInt(order.minOutAmount ?? '0') ? more : undefined
}

/**
 * Ends a buy by what the wallet holds. What it paid is what it was signed for; its fees, which no
 * node tells, are in the cash that is taken from the wallet.
 */
function takeFound(trading: Trading, intent: Intent, amount: bigint, decimals: number): void {
  const paid = BigInt(intent.order.inAmount ?? '0')
  trading.write(nextLine(intent, trading.now, { state: 'unknown', reasons: ['found-in-wallet'] }))
  settle(trading, {
    intent: intent.key,
    state: 'landed',
    inAmount: paid,
    outAmount: amount,
    currency: 'sol',
    baseDecimals: decimals,
    price: pricePaid(paid, amount, 9, decimals),
    poolFee: undefined,
    impact: undefined,
    slots: undefined,
    chain: undefined,
    fee: 0n,
    priorityFee: 0n,
    rent: 0n,
  })
}

function closeMissing(trading: Trading, { tokens }: Wallet, warn: (text: string) => void): void {
  const { book } = trading.account
  for (const h of [...book.holdings()]) {
    const held = tokens.get(h.mint) ?? 0n
    // A sale on its way may have taken it.
    if (held >= h.amount || h.selling !== undefined) continue
    warn(
      `${h.mint}: the book says ${h.amount}, the wallet holds ${held}: ${h.amount - held} ` +
        'went without us',
    )
    book.correct(h, held)
    writePosition(trading, h, held === 0n ? 'external' : undefined)
  }
}

function adoptOrphans(trading: Trading, { tokens }: Wallet, warn: (text: string) => void): void {
  const { book, intents } = trading.account
  for (const [mint, amount] of tokens) {
    if (book.heldOf(mint) !== undefined || intents.openBuyOf(mint) !== undefined) continue
    warn(
      `${mint}: the wallet holds ${amount} that was not bought here: an orphan (sell it with ` +
        `--flatten ${mint})`,
    )
    const position = `position:orphan:${mint}:${trading.now}`
    const h = book.adopt({ mint, pool: undefined, ts: trading.now, position }, amount)
    const { mode } = trading.plan
    trading.write(
      positionLine(h, trading.now, { mode, isSol: true, value: undefined, exit: undefined }),
    )
  }
}

function matchCash({ account }: Trading, { lamports }: Wallet, warn: (text: string) => void): void {
  const cash = account.book.cash()
  if (lamports === cash || [...account.intents.open()].length > 0) return
  warn(`the wallet has ${lamports} lamports, the book says ${cash}: taking the wallet’s`)
  account.book.correctCash(lamports)
}
