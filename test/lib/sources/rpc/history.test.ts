import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillPoint } from '../../../../lib/sources/rpc/fill-gap.ts'
import { cursorOf, remember, track } from '../../../../lib/sources/rpc/recent.ts'
import { makeSubscriptions } from '../../../../lib/sources/rpc/subscriptions.ts'
import { readTransaction } from '../../../../lib/sources/rpc/transaction.ts'
import { base58, bool, discriminator, key, keyName, u8, u64 } from '../decode/bytes.ts'
import { data, inFrame, swapBuy } from '../decode/fixtures.ts'
import { followed, listening, PROGRAMS } from './listening.ts'

const AMM = PROGRAMS['raydium-amm']
const [pool, other, dlmm] = [7, 8, 12].map(keyName) as [string, string, string]
const BLOCK = 1_760_000_000

/** JSON of a transaction of slot 5 that runs one instruction. */
const ran = (logMessages: unknown, keys: readonly string[], meta: object = {}, bytes = '') => ({
  slot: 5,
  blockTime: BLOCK,
  transaction: {
    message: {
      accountKeys: keys,
      instructions: [{ programIdIndex: 0, accounts: keys.map((_, at) => at), data: bytes }],
    },
  },
  meta: { err: null, logMessages, innerInstructions: [], ...meta },
})
const bought = inFrame(PROGRAMS.pumpswap, data(swapBuy()))
const row = (signature: string, slot = 6, blockTime = BLOCK) => ({
  signature,
  slot,
  failed: false,
  blockTime,
})

test('a log that a node does not keep is no proof that nothing happened', async () => {
  const swap = base58(Buffer.concat([u8(9), u64(1_000n), u64(0)]))
  for (const logs of [null, undefined, []]) {
    const json = ran(logs, [AMM, pool], {}, swap)
    const ears = listening([followed(pool, 'raydium-amm', keyName(1))], () => json, [row('S')])
    await ears.fill(pool)
    assert.match(ears.gaps()[0]?.gap.reason ?? 'no gap', /^transaction S has a log that was cut/)
  }
  // A program that calls itself with its events is mute where inner calls are not recorded.
  const json = ran(inFrame(PROGRAMS['meteora-dlmm']), [PROGRAMS['meteora-dlmm'], dlmm], {
    innerInstructions: null,
  })
  const ears = listening([followed(dlmm, 'meteora-dlmm', keyName(1))], () => json, [row('S')])
  await ears.fill(dlmm)
  assert.match(ears.gaps()[0]?.gap.reason ?? 'no gap', /^transaction S has inner calls/)
})

test('a notice without lines is asked after', async () => {
  const ears = listening([followed(pool, 'pumpswap', keyName(1))], () => ran(bought, [pool]))
  await ears.hear(pool, 'S', [])
  assert.deepEqual([ears.asked, ears.trades().length, ears.gaps()], [['S'], 1, []])
})

test('what a busy run has long forgotten of a quiet pool is not told twice', async () => {
  const pools = [followed(pool, 'pumpswap', keyName(1)), followed(other, 'pumpswap', keyName(2))]
  const rows = ['C', 'B', 'A'].map((signature, i) => row(signature, 5 - i))
  const ears = listening(pools, () => ran(bought, [pool]), rows)
  for (const signature of ['A', 'B', 'C']) await ears.hear(pool, signature, bought)
  assert.equal(ears.trades().length, 3)
  // As many transactions of others as are remembered.
  for (let i = 0; i < 100_000; i++) ears.say(other, `${i}`, [], true)
  await ears.fill(pool)
  assert.deepEqual([ears.asked, ears.trades().length], [[], 3])
})

test('a history that does not know where we stood is not told from its beginning', async () => {
  const rows = [row('C', 9), row('B', 6), row('older', 4), row('oldest', 3)]
  const ears = listening([followed(pool, 'pumpswap', keyName(1))], () => ran(bought, [pool]), rows)
  await ears.hear(pool, 'A', bought)
  await ears.fill(pool)
  assert.deepEqual([ears.asked.sort(), ears.trades().length], [['B', 'C'], 3])
})

test('the first trades of a pool count by slot: clocks of blocks and machines differ', async () => {
  const slow = [row('new', 6, BLOCK - 60), row('old', 4, BLOCK - 60)]
  const ears = listening([followed(pool, 'pumpswap', keyName(1))], () => ran(bought, [pool]), slow)
  Object.assign(ears.entry(pool), { fromSlot: 5 })
  await ears.fill(pool)
  assert.deepEqual([ears.asked, ears.trades().length], [['new'], 1])
  const heard = makeSubscriptions().read(
    Buffer.from('{"method":"slotNotification","params":{"result":{"slot":77},"subscription":1}}'),
  )
  assert.deepEqual(heard, { kind: 'slot', slot: 77 })
})

test('a trade whose notice would have come behind one of a later slot is fetched', async () => {
  // The socket broke between the two; the node gives what is newer than the signature it is shown.
  const asked: unknown[] = []
  const rows = [row('late', 5), row('early', 4)]
  const ears = listening(
    [followed(pool, 'pumpswap', keyName(1))],
    () => ran(bought, [pool]),
    ({ until }) => {
      asked.push(until)
      return rows.slice(0, until === 'late' ? 0 : 2)
    },
  )
  Object.assign(ears.entry(pool), { fromSlot: 4 })
  await ears.hear(pool, 'late', bought)
  await ears.fill(pool)
  assert.deepEqual([asked, ears.asked, ears.trades().length], [[undefined], ['early'], 2])
})

test('what a run that ends leaves untold is in gaps', async () => {
  const pools = [followed(pool, 'pumpswap', keyName(1)), followed(other, 'pumpswap', keyName(2))]
  const ears = listening(pools, () => new Promise(() => undefined), [row('B')])
  assert.deepEqual(ears.atEnd(), [])
  ears.unread(pool)
  for (const signature of ['A', 'A2']) await ears.hear(pool, signature, bought)
  await ears.hear(other, 'C', [])
  void ears.fill(other)
  await ears.settle()
  assert.deepEqual(
    ears.atEnd().map(({ reason, lost }) => [reason.slice(0, reason.indexOf(' ', 12)), lost]),
    [
      [`pool ${pool}:`, 2],
      [`logs of ${other}:`, undefined],
      ['transaction C', 1],
    ],
  )
  // What was heard of a pool that nobody reads is a gap at once, and not again.
  await ears.giveUp(pool)
  Object.assign(ears.entry(pool), { isStrange: true })
  assert.deepEqual([ears.gaps()[0]?.gap.lost, ears.atEnd().length], [2, 2])
})

test('a run that goes on fetches what the last one had kept for a pool that was not read', () => {
  const first = Object.assign(track(pool, undefined, 7, undefined, 5), { isUnread: true })
  for (let i = 0; i < 40; i++) remember(first, { signature: `${i}`, slot: 5 + i }, 8 + i)
  const cursor = cursorOf(first)
  assert.deepEqual(cursor, { signature: '', at: 7, slot: 5 })
  const { until, slot } = fillPoint(track(pool, undefined, 9, cursor))
  assert.deepEqual([until, slot], [undefined, 5])
  const later = Object.assign(track(pool, undefined, 9, { signature: 'S', at: 8, slot: 6 }), {
    isUnread: true,
  })
  remember(later, { signature: 'T', slot: 7 }, 10)
  assert.deepEqual(cursorOf(later), { signature: 'S', at: 8, slot: 6 })
  later.isUnread = false
  assert.equal(fillPoint(later).until, 'S')
})

test('swaps of DLMM are told as often as they were, with heights of calls and without', () => {
  const program = PROGRAMS['meteora-dlmm']
  const cpi = Buffer.from('e445a52e51cb9a1d', 'hex')
  const said = (name: string, ...rest: Buffer[]): Buffer =>
    Buffer.concat([cpi, discriminator('event', name), key(12), key(3), Buffer.alloc(8), ...rest])
  const swap = (amount: number): Buffer =>
    said('Swap', u64(amount), u64(2 * amount), bool(true), Buffer.alloc(40))
  const swap2 = (amount: number): Buffer =>
    said(
      'Swap2Evt',
      ...[bool(true), Buffer.alloc(16), u64(amount), u64(0), u64(2 * amount)],
      Buffer.alloc(34),
    )
  const read = (calls: readonly Buffer[], height: object) => {
    const instructions = calls.map(bytes => ({
      programIdIndex: 0,
      accounts: [1],
      data: base58(bytes),
      ...height,
    }))
    const json = ran(inFrame(program), [program, dlmm], {
      innerInstructions: [{ index: 0, instructions }],
    })
    return readTransaction(json)?.events.map(
      ({ event }) => event.kind === 'swap' && event.baseAmount,
    )
  }
  for (const height of [{ stackHeight: 2 }, {}]) {
    assert.deepEqual(read([swap(100), swap(200)], height), [100n, 200n])
    assert.deepEqual(read([swap(100), swap2(101)], height), [101n])
  }
})
