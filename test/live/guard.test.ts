import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { skip } from '../svm/machine.ts'
import { assertBookIsWallet, bookOf } from './kit/book.ts'
import { type Bot, type Chain, openChain, startBot } from './kit/bot.ts'

const SIZE = 100_000_000n
/** The age of lines is tested in its own test; the machine may be slow. */
const CALM = ['--max-age', '2m', '--without', 'clock,stale']

describe('positions for real: guarded, flattened, found', { skip, timeout: 180_000 }, () => {
  let chain: Chain
  const bots: Bot[] = []
  beforeEach(async () => {
    chain = await openChain()
  })
  afterEach(() => {
    for (const bot of bots.splice(0)) bot.child.kill('SIGKILL')
    chain.close()
  })
  const start = (...args: string[]): Bot => {
    const bot = startBot(chain, [...CALM, ...args])
    bots.push(bot)
    return bot
  }
  const mint = (): string => chain.token.mint.toBase58()
  const isBook = (): void =>
    assertBookIsWallet(chain.ledger, { lamports: chain.lamports(), tokens: chain.held() }, mint())
  const bought = async (): Promise<Bot> => {
    const bot = start()
    bot.say(chain.tick(), chain.line(SIZE))
    await bot.saw(rec => rec.position?.status === 'open')
    return bot
  }

  test(
    'after the end of the input the exchange’s quotes guard the position until it is sold; ' +
      'then exit 4',
    async () => {
      const bot = await bought()
      bot.end()
      chain.pump(60_000_000_000n)
      assert.equal(await bot.done, 4, bot.errors())
      assert.match(bot.errors(), /input ended with open positions; they have been closed/)
      assert.equal(bot.lines.at(-1)?.position?.exit, 'take-profit')
      assert.equal(chain.held(), 0n)
      isBook()
    },
  )

  test('a reader that goes away ends the deciding, not the guarding', async () => {
    const bot = await bought()
    bot.child.stdout?.destroy()
    for (let i = 0; i < 5; i++) bot.say(chain.line())
    bot.say(chain.line(1n, { act: 'hold', rugRisk: 0 }))
    chain.pump(60_000_000_000n)
    assert.equal(await bot.done, 4, bot.errors())
    assert.equal(chain.held(), 0n)
    isBook()
  })

  test('bad input with an open position: guarded until sold, then the line is named', async () => {
    const bot = await bought()
    bot.say('{"v":1,')
    chain.pump(60_000_000_000n)
    assert.equal(await bot.done, 3, bot.errors())
    assert.match(bot.errors(), /line 3/)
    assert.equal(chain.held(), 0n)
    isBook()
  })

  test('--flatten sells what is held and ends; the wallet’s own amount, orphans too', async () => {
    const first = await bought()
    first.child.kill('SIGTERM')
    assert.equal(await first.done, 4)
    assert.match(first.errors(), /positions are still open/)
    const other = chain.world.addToken('dog')
    chain.world.give(other, chain.world.wallet.publicKey, 5_000_000n)
    const found = start('--flatten', other.mint.toBase58())
    assert.equal(await found.done, 0, found.errors())
    assert.ok(
      found.lines.some(
        rec => rec.position?.status === 'orphan' && rec.mint === other.mint.toBase58(),
      ),
    )
    assert.ok(chain.held() > 0n)
    const all = start('--flatten')
    assert.equal(await all.done, 0, all.errors())
    assert.equal(all.lines.at(-1)?.position?.exit, 'manual')
    assert.equal(chain.held(), 0n)
    isBook()
  })

  test('what left the wallet closes its position; what is foreign blocks buys', async () => {
    const first = await bought()
    first.child.kill('SIGTERM')
    await first.done
    const { ata, burn } = await import('../svm/tokens.ts')
    const { wallet } = chain.world
    const account = ata(chain.token.mint, wallet.publicKey)
    chain.world.run(wallet, [burn(account, chain.token.mint, wallet.publicKey, chain.held())])
    const second = start()
    await second.saw(rec => rec.position?.exit === 'external')
    second.end()
    assert.equal(await second.done, 0, second.errors())
    assert.equal(bookOf(chain.ledger).book.heldOf(mint()), undefined)
    chain.pump(1_000_000n, wallet)
    const third = start()
    await third.saw(rec => rec.position?.status === 'orphan')
    third.say(chain.line(SIZE))
    const { order } = await third.saw(rec => rec.order?.state === 'refused')
    assert.deepEqual(order?.reasons, ['duplicate'])
    third.end()
    assert.equal(await third.done, 0, third.errors())
  })

  test('the kill switch: nothing is bought, and the run ends with 5', async () => {
    writeFileSync(join(chain.home, 'KILL'), '')
    const bot = start()
    bot.say(chain.tick(), chain.line(SIZE))
    const { order } = await bot.saw(rec => rec.order?.state === 'refused')
    assert.deepEqual(order?.reasons, ['kill-switch'])
    bot.end()
    assert.equal(await bot.done, 5, bot.errors())
    assert.equal(chain.rpc.asked.get('sendTransaction'), undefined)
  })

  test('the caps hold in the signer, whatever the flags say', async () => {
    chain.config({ caps: { perTrade: '0.05', perDay: '5', total: '20' } })
    const bot = start('--max-per-trade', '10')
    bot.say(chain.tick(), chain.line(SIZE))
    const { order } = await bot.saw(rec => rec.order?.state === 'expired')
    assert.deepEqual(order?.reasons, ['caps'])
    bot.end()
    assert.equal(await bot.done, 0, bot.errors())
    assert.equal(chain.rpc.asked.get('sendTransaction'), undefined)
  })

  test('a line that is not from now buys nothing: old, or from the future', async () => {
    const bot = startBot(chain)
    bots.push(bot)
    for (const shift of [-60_000, 600_000]) {
      const rec = JSON.parse(chain.line(SIZE))
      bot.say(JSON.stringify({ ...rec, id: `shifted${shift}`, ts: rec.ts + shift }))
    }
    const reasons = async (shift: number) =>
      (await bot.saw(({ order }) => order?.cause === `shifted${shift}`)).order?.reasons
    assert.deepEqual(await reasons(-60_000), ['stale', 'clock'])
    assert.deepEqual(await reasons(600_000), ['clock'])
    bot.end()
    assert.equal(await bot.done, 0, bot.errors())
  })
})
