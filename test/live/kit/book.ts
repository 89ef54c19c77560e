import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Rec } from '../../../lib/records/record.ts'
import { makeAccount } from '../../../lib/trade/account/account.ts'

/** The account as a restart would find it in a ledger. */
export function bookOf(ledger: string) {
  const [head = '', ...lines] = readFileSync(ledger, 'utf8').split('\n').slice(0, -1)
  const account = makeAccount(BigInt(JSON.parse(head).cashLamports), () => 0n)
  for (const raw of lines) account.apply(JSON.parse(raw) as Rec)
  return account
}

/** The book of a ledger is what the wallet has: every lamport and every token; nothing is open. */
export function assertBookIsWallet(
  ledger: string,
  wallet: { lamports: bigint; tokens: bigint },
  mint: string,
): void {
  const { book, intents } = bookOf(ledger)
  assert.equal(book.cash(), wallet.lamports, 'cash')
  assert.equal(book.heldOf(mint)?.amount ?? 0n, wallet.tokens, 'tokens')
  assert.deepEqual(
    [...intents.open()].map(({ key, order }) => [key, order.state]),
    [],
    'open intents',
  )
}
