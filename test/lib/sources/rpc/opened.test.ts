import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base58, keyName } from '../decode/bytes.ts'
import { data, inFrame, swapBuy } from '../decode/fixtures.ts'
import { followed, listening, PROGRAMS } from './listening.ts'

const CPMM = PROGRAMS['raydium-cpmm']
/** The account of fees for new pools of Raydium’s CPMM: its logs are creations. */
const SELECTOR = 'DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8'
const [pool, fresh] = [7, 8].map(keyName) as [string, string]

/** A transaction that buys in a pool of PumpSwap and opens one of the CPMM. */
const logs = [...inFrame(PROGRAMS.pumpswap, data(swapBuy())), ...inFrame(CPMM)]
const opening = {
  slot: 5,
  blockTime: 1_760_000_000,
  transaction: {
    message: {
      accountKeys: [CPMM, keyName(1), keyName(2), keyName(3), fresh, PROGRAMS.pumpswap, pool],
      instructions: [
        { programIdIndex: 5, accounts: [6], data: base58(Buffer.alloc(8, 9)) },
        // initialize (raydium-io/raydium-cp-swap): the pool is its fourth account, then its mints.
        {
          programIdIndex: 0,
          accounts: [1, 1, 1, 4, 2, 3],
          data: base58(Buffer.from('afaf6d1f0d989bed0000', 'hex')),
        },
      ],
    },
  },
  meta: { err: null, logMessages: logs, innerInstructions: [] },
}
const found = { mint: keyName(2), pool: fresh, ts: 1, facts: { decimals: 6 } }
const ears = (answers: (typeof found | undefined)[]) =>
  listening(
    [followed(pool, 'pumpswap', keyName(1)), followed(SELECTOR, 'raydium-cpmm', keyName(9))],
    () => opening,
    [{ signature: 'S', slot: 6, failed: false, blockTime: 1_760_000_000 }],
    async () => (answers.length > 1 ? answers.shift() : answers[0]),
  )
const opened = (all: ReturnType<typeof ears>): number =>
  all.others().filter(({ pool: at }) => at === fresh).length

test('a pool that opens is told, whoever brings its transaction first', async () => {
  for (const order of [
    [pool, SELECTOR],
    [SELECTOR, pool, SELECTOR],
  ]) {
    const all = ears([found])
    for (const address of order) await all.hear(address, 'S', logs)
    assert.deepEqual([opened(all), all.trades().length, all.gaps()], [1, 1, []])
  }
})

test('a pool that opened while the socket was closed is told afterwards', async () => {
  const all = ears([found])
  await all.fill(SELECTOR)
  assert.equal(opened(all), 1)
})

test('a pool that cannot be read yet is read again, and is a gap in the end', async () => {
  const late = ears([undefined, undefined, found])
  await late.hear(SELECTOR, 'S', logs)
  await late.settle()
  assert.deepEqual([opened(late), late.gaps()], [1, []])
  const never = ears([undefined])
  await never.hear(SELECTOR, 'S', logs)
  await never.settle()
  const [gap] = never.gaps()
  assert.deepEqual([opened(never), gap?.gap.lost], [0, 1])
  assert.match(gap?.gap.reason ?? '', new RegExp(`^pool ${fresh}: opened, and could not be read`))
})
