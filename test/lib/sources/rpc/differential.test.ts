import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DexParser } from 'solana-dex-parser'
import { WSOL } from '../../../../lib/sources/decode/programs.ts'
import { findingOf } from '../../../../lib/sources/rpc/orient.ts'
import { readTransaction } from '../../../../lib/sources/rpc/transaction.ts'
import { makeTransactions } from '../../../exchange/generated/transactions.ts'

const RUNS = 300

/** A transaction as a node tells it, with what the other parser reads beside: token balances. */
function told(json: any, mints: ReadonlyMap<string, string>, signature: string) {
  const { transaction, meta } = json
  const { message } = transaction
  const { writable, readonly } = meta.loadedAddresses
  const keys: string[] = [...message.accountKeys, ...writable, ...readonly]
  const balances = keys.flatMap((key, accountIndex) => {
    const mint = mints.get(key)
    const uiTokenAmount = { amount: '0', decimals: mint === WSOL ? 9 : 6, uiAmount: 0 }
    return mint === undefined ? [] : [{ accountIndex, mint, owner: key, uiTokenAmount }]
  })
  const amounts = keys.map(() => 0)
  return {
    ...json,
    transaction: { signatures: [signature], message },
    meta: {
      ...meta,
      fee: 5000,
      preBalances: amounts,
      postBalances: amounts,
      preTokenBalances: balances,
      postTokenBalances: balances,
    },
  }
}

test('a published parser reads the same trades out of the same transactions', t => {
  const made = makeTransactions('differential', 2)
  const pools = new Map(made.pools.map(each => [each.pool, each]))
  const mints = new Map(
    made.pools.flatMap(({ own, vaults, first, second }) => [
      [own[0], first] as const,
      [own[1], second] as const,
      [vaults[0], first] as const,
      [vaults[1], second] as const,
    ]),
  )
  const parser = new DexParser()
  const programs = new Map<string, number>()
  for (let run = 0; run < RUNS; run++) {
    const { json, failed, logs, signature } = made.next()
    // It reads failed transactions too, and no logs.
    if (failed || logs.at(-1) === 'Log truncated') continue
    const whole = told(json(), mints, signature)
    const theirs = parser
      .parseTrades(whole, { tryUnknowDEX: false, aggregateTrades: false })
      .map(({ inputToken, outputToken }) => [inputToken, outputToken])
      .map(sides => sides.map(({ mint, amountRaw }) => `${amountRaw} ${mint}`).join(' for '))
    const events = readTransaction(whole)?.events ?? []
    const ours = events.flatMap(({ event, index }) => {
      const pool = pools.get(event.pool ?? '') ?? made.pools.find(each => isOf(each, event))
      const trade = findingOf(event, pool, { signature, slot: 1, index, at: 1 })?.trade
      if (trade === undefined || pool === undefined) return []
      programs.set(pool.dex, (programs.get(pool.dex) ?? 0) + 1)
      const sides = [`${trade.quoteAmount} ${WSOL}`, `${trade.baseAmount} ${pool.mint}`]
      return [(trade.side === 'buy' ? sides : sides.reverse()).join(' for ')]
    })
    assert.deepEqual(ours.sort(), theirs.sort(), signature)
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(programs)))
  assert.equal(programs.size, 10)
})

/** A trade on a curve of pump.fun names its mint alone. */
const isOf = ({ dex, mint }: { dex: string; mint: string }, event: object): boolean =>
  dex === 'pump.fun' && 'mint' in event && event.mint === mint
