import { TOKEN, TOKEN_2022, WSOL } from '../../../sources/decode/programs.ts'
import { positionLine } from '../../trade-lines.ts'
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
 * Makes the book agree with the chain, which is right: what is gone from the wallet closes its
 * position (external), what nobody bought here becomes an orphan that blocks buys of its token, and
 * cash is what the wallet has. Call with nothing in flight.
 */
export function matchBook(
  trading: Trading,
  { lamports, tokens }: Wallet,
  warn: (text: string) => void,
): void {
  const { account } = trading
  const { book } = account
  for (const h of [...book.holdings()]) {
    const held = tokens.get(h.mint) ?? 0n
    tokens.delete(h.mint)
    if (held >= h.amount) continue
    warn(
      `${h.mint}: the book says ${h.amount}, the wallet holds ${held}: ${h.amount - held} ` +
        'went without us',
    )
    book.correct(h, held)
    writePosition(trading, h, held === 0n ? 'external' : undefined)
  }
  for (const [mint, amount] of tokens) {
    warn(
      `${mint}: the wallet holds ${amount} that was not bought here: an orphan (sell it with ` +
        `--flatten ${mint})`,
    )
    const h = book.adopt(
      {
        mint,
        pool: undefined,
        ts: trading.now,
        position: `position:orphan:${mint}:${trading.now}`,
      },
      amount,
    )
    trading.write(
      positionLine(h, trading.now, {
        mode: trading.plan.mode,
        isSol: true,
        value: undefined,
        exit: undefined,
      }),
    )
  }
  const cash = book.cash()
  if (lamports === cash) return
  warn(`the wallet has ${lamports} lamports, the book says ${cash}: taking the wallet’s`)
  book.correctCash(lamports)
}
