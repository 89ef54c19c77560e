import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Rec } from '../../../../lib/records/record.ts'
import { openNode, pumpTransaction } from '../../../exchange/node.ts'
import { openPortal } from '../../../exchange/portal.ts'
import { account, bool, discriminator, i64, key, keyName, text, u64 } from '../decode/bytes.ts'
import { data, inFrame, PROGRAMS } from '../decode/fixtures.ts'
import { pumpBuy, pumpCreate } from '../providers/bodies.ts'
import { of, run } from './run.ts'

const CREATIONS = 'TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM'
const MIGRATIONS = '39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg'
const [mint, curve, pool] = [keyName(31), keyName(32), keyName(33)]
const now = (): number => Math.floor(Date.now() / 1000)

const creation = (name: string) => {
  const event = Buffer.concat([
    ...[
      discriminator('event', 'CreateEvent'),
      text(name),
      text('CAT'),
      text('u'),
      key(31),
      key(32),
      key(34),
      key(34),
    ],
    ...[i64(now()), u64(1_073_000_000_000_000n), u64(30_000_000_000n), u64(0), u64(10n ** 15n)],
  ])
  const logs = inFrame(PROGRAMS['pump.fun'], 'Program log: Instruction: Create', data(event))
  return {
    signature: 'create',
    slot: 5,
    blockTime: now(),
    logs,
    failed: false,
    mentions: [CREATIONS, curve],
  }
}
const migration = () => {
  const event = Buffer.concat([
    ...[
      discriminator('event', 'CompletePumpAmmMigrationEvent'),
      key(34),
      key(31),
      u64(1),
      u64(1),
      u64(0),
      key(32),
    ],
    ...[i64(now()), key(33), key(0)],
  ])
  const logs = inFrame(PROGRAMS['pump.fun'], data(event))
  return {
    signature: 'migrate',
    slot: 9,
    blockTime: now(),
    logs,
    failed: false,
    mentions: [MIGRATIONS, curve],
  }
}
const trade = (signature: string) =>
  pumpTransaction(
    {
      v: 1,
      id: 'x',
      ts: Date.now(),
      kind: 'trade',
      mint,
      source: 'x',
      slot: 6,
      trade: {
        dex: 'pump.fun',
        side: 'buy',
        wallet: keyName(35),
        baseAmount: '5',
        quoteAmount: '7',
        signature,
        baseReserveAmount: '1000',
        quoteReserveAmount: '2000',
      },
    },
    curve,
  )

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !is(); i++) await wait(10)
  assert.ok(is(), what)
}

test(
  'a token made on chain is taken up with its hostile name, its trades from the first on, and ' +
    'its move to a pool',
  async () => {
    const node = await openNode()
    const bytes = account(151, {
      0: discriminator('account', 'BondingCurve'),
      8: u64(9),
      16: u64(8),
      40: u64(7),
    })
    node.accounts.set(curve, { owner: PROGRAMS['pump.fun'], data: bytes })
    node.accounts.set(mint, {
      owner: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
      data: account(82, { 36: u64(10n ** 15n), 44: Buffer.from([6]), 45: bool(true) }),
    })
    let seen: readonly Rec[] = []
    let isDone = false
    const act = async (): Promise<void> => {
      await until('four selectors', () => node.subscriptions() === 4)
      node.land(creation('Cat\u202e\u0000 Coin'))
      // Before anybody listens to the curve: only a look back finds it.
      node.land(trade('early'))
      await until('the curve', () => node.subscriptions() === 5)
      await until('the early trade', () => of(seen, 'trade').length === 1)
      node.land(trade('later'))
      await until('the later trade', () => of(seen, 'trade').length === 2)
      node.land(migration())
      // The four selectors and the new pool; nobody listens to the curve any more.
      await until(
        'the pool is listened to',
        () => node.listened().includes(pool) && !node.listened().includes(curve),
      )
    }
    const acting = act().finally(() => (isDone = true))
    acting.catch(() => undefined)
    const { lines } = await run(
      { providers: ['rpc'], rpc: node.url, tick: 1000 },
      given => {
        seen = given
        return isDone
      },
      { speed: 5 },
    ).finally(() => node.close())
    await acting
    const [token] = of(lines, 'token')
    assert.deepEqual(
      [
        token?.mint,
        token?.pool,
        token?.token?.name,
        token?.token?.launchpad,
        token?.token?.creator,
      ],
      [mint, curve, 'Cat Coin', 'pump.fun', keyName(34)],
    )
    assert.deepEqual(
      of(lines, 'trade').map(rec => [rec.pool, rec.trade?.signature]),
      [
        [curve, 'early'],
        [curve, 'later'],
      ],
    )
  },
)

test('PumpPortal: tokens and trades; junk is passed over; a cut socket leaves a gap', async () => {
  const portal = await openPortal()
  let seen: readonly Rec[] = []
  let isDone = false
  const act = async (): Promise<void> => {
    await until('subscribed', () => portal.heard.length >= 2)
    portal.say(pumpCreate)
    for (const junk of [
      '{',
      '[]',
      'null',
      '{"txType":5}',
      JSON.stringify({ ...pumpCreate, mint: '__proto__' }),
    ])
      portal.say(junk)
    portal.say(pumpBuy)
    await until('the trade', () => of(seen, 'trade').length === 1)
    portal.cut()
    await until('a gap', () => of(seen, 'gap').length === 1)
  }
  const acting = act().finally(() => (isDone = true))
  acting.catch(() => undefined)
  const { lines, counts } = await run(
    { providers: ['pumpportal'], base: [`pumpportal=${portal.url}`], tick: 1000 },
    given => {
      seen = given
      return isDone
    },
    { speed: 5 },
  ).finally(() => portal.close())
  await acting
  assert.deepEqual(
    [of(lines, 'token')[0]?.token?.symbol, of(lines, 'trade')[0]?.trade?.quoteAmount],
    ['CAT', '10000'],
  )
  assert.equal(of(lines, 'gap')[0]?.source, 'pumpportal')
  assert.ok((counts.get('records rejected') ?? 0) >= 4)
})
