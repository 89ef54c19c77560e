import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { skip } from '../svm/machine.ts'
import { assertBookIsWallet } from './book.ts'
import { type Bot, type Chain, openChain, startBot } from './bot.ts'

const SIZE = 100_000_000n

describe('execute --live on a real machine', { skip, timeout: 120_000 }, () => {
  let chain: Chain
  let bot: Bot | undefined
  beforeEach(async () => {
    chain = await openChain()
  })
  afterEach(() => {
    bot?.child.kill('SIGKILL')
    chain.close()
  })
  const isBook = (): void =>
    assertBookIsWallet(chain.ledger, { lamports: chain.lamports(), tokens: chain.held() }, chain.token.mint.toBase58())

  for (const exchange of ['jupiter-v1', 'jupiter-v2']) {
    test(`${exchange}: buys and sells again; the book is the wallet to the lamport`, async () => {
      chain.config({ exchange })
      bot = startBot(chain)
      bot.say(chain.tick(), chain.line(SIZE))
      const bought = await bot.saw(rec => rec.fill?.side === 'buy')
      await bot.saw(rec => rec.position?.status === 'open')
      assert.equal(bought.fill?.inAmount, String(SIZE))
      assert.equal(bought.fill?.outAmount, String(chain.held()))
      isBook()
      bot.say(chain.line(1n, { act: 'sell' }))
      await bot.saw(rec => rec.position?.status === 'closed')
      bot.end()
      assert.equal(await bot.done, 0, bot.errors())
      isBook()
      assert.equal(chain.held(), 0n)
      const states = bot.lines.flatMap(({ order }) => (order?.side === 'buy' ? [order.state] : []))
      assert.deepEqual(states, ['planned', 'quoted', 'signed', 'sent', 'landed'])
    })
  }

  test('a token that does not pass its checks is not signed for, and the reason is said', async () => {
    chain.config({ checks: {} })
    bot = startBot(chain)
    bot.say(chain.tick(), chain.line(SIZE))
    const { order } = await bot.saw(rec => rec.order?.state === 'expired')
    assert.deepEqual(order?.reasons, ['token-checks'])
    bot.end()
    await bot.done
    assert.match(bot.errors(), /lp-burned unknown: /)
    assert.deepEqual([chain.held(), chain.rpc.asked.get('sendTransaction')], [0n, undefined])
    isBook()
  })

  test('signed bytes are in the ledger before they are sent, and never in what is printed', async () => {
    chain.rpc.faults.add('sendTransaction', 'hang', 1000)
    bot = startBot(chain)
    bot.say(chain.tick(), chain.line(SIZE))
    const { order } = await bot.saw(rec => rec.order?.state === 'signed')
    const text = readFileSync(chain.ledger, 'utf8')
    const signed = text.split('\n').find(raw => raw.includes('"signed":{'))
    assert.equal(JSON.parse(signed ?? '{}').signed.signature, order?.signature)
    assert.equal(
      bot.lines.some(rec => 'signed' in rec),
      false,
    )
    const key = JSON.parse(readFileSync(`${chain.home}/wallet.json`, 'utf8')) as number[]
    const said = JSON.stringify(bot.lines) + bot.errors() + text
    for (const secret of [key.slice(0, 32).join(','), Buffer.from(key.slice(0, 32)).toString('hex'), chain.jupiter.key])
      assert.equal(said.includes(secret), false)
  })
})
