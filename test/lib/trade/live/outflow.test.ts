import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError, TemporaryError } from '../../../../lib/base/errors.ts'
import { WSOL } from '../../../../lib/sources/decode/programs.ts'
import { makeOutflow } from '../../../../lib/trade/live/send/outflow.ts'

const signal = new AbortController().signal
const DAY = 86_400
/** 2026-11-30T00:00:00Z. */
const MIDNIGHT = 20_787 * DAY
const WALLET = 'wallet'

interface Sent {
  signature: string
  blockTime: number
  wallet: [before: number, after: number]
  /** Lamports of our account of wrapped SOL. */
  wrapped?: [before: number, after: number]
}

/** A node that has these transactions, oldest first. */
function nodeOf(sent: Sent[], time: { now: number }) {
  const asked: string[] = []
  const chain = {
    asked,
    clock: async () => time.now,
    signatures: async (
      _: string,
      range: { before?: string | undefined; until?: string | undefined; limit: number },
    ) => {
      const rows = sent.map(({ signature, blockTime }) => ({ signature, blockTime })).reverse()
      const from = rows.findIndex(({ signature }) => signature === range.before) + 1
      const until = rows.findIndex(({ signature }) => signature === range.until)
      return rows.slice(from, until < 0 ? undefined : until).slice(0, range.limit)
    },
    async transaction(signature: string) {
      asked.push(signature)
      const found = sent.find(each => each.signature === signature)
      if (found === undefined) return undefined
      const { wallet, wrapped = [0, 0] } = found
      const row = { accountIndex: 1, mint: WSOL, owner: WALLET, uiTokenAmount: { amount: '0' } }
      return {
        slot: 1,
        transaction: { signatures: [signature], message: { accountKeys: [WALLET, 'wsol'] } },
        meta: {
          preBalances: [wallet[0], wrapped[0]],
          postBalances: [wallet[1], wrapped[1]],
          preTokenBalances: [row],
          postTokenBalances: [row],
        },
      }
    },
  }
  return chain
}

test('what left today is the sum of falls, nothing set off, and yesterday is over', async () => {
  const time = { now: MIDNIGHT + 3600 }
  const sent: Sent[] = [
    { signature: 'yesterday', blockTime: MIDNIGHT - 1, wallet: [900, 100] },
    { signature: 'buy', blockTime: MIDNIGHT, wallet: [100, 60] },
    { signature: 'sale', blockTime: MIDNIGHT + 10, wallet: [60, 200] },
    // 30 go from the wallet into wrapped SOL and stay ours; 7 are fees.
    { signature: 'wrap', blockTime: MIDNIGHT + 20, wallet: [200, 163], wrapped: [0, 30] },
  ]
  const node = nodeOf(sent, time)
  const outflow = makeOutflow(node, WALLET)
  assert.equal(await outflow.today(signal), 40n + 7n)
  sent.push({ signature: 'drain', blockTime: MIDNIGHT + 30, wallet: [163, 13] })
  const both = await Promise.all([outflow.today(signal), outflow.today(signal)])
  assert.deepEqual(both, [197n, 197n])
  assert.deepEqual(node.asked, ['buy', 'sale', 'wrap', 'drain'], 'each is read once')
  time.now += DAY
  assert.equal(await outflow.today(signal), 0n)
})

test('what cannot be read is not nothing', async () => {
  const sent: Sent[] = [{ signature: 'buy', blockTime: MIDNIGHT, wallet: [100, 60] }]
  const node = nodeOf(sent, { now: MIDNIGHT })
  const outflow = makeOutflow({ ...node, transaction: async () => undefined }, WALLET)
  await assert.rejects(outflow.today(signal), TemporaryError)
  const spoilt = makeOutflow({ ...node, transaction: async () => ({ slot: 1 }) }, WALLET)
  await assert.rejects(spoilt.today(signal), DataError)
})
