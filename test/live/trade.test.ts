import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { skip } from '../svm/machine.ts'
import { bodyOf } from '../svm/server.ts'
import { assertBookIsWallet } from './kit/book.ts'
import { type Bot, type Chain, openChain, startBot } from './kit/bot.ts'

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
    assertBookIsWallet(
      chain.ledger,
      { lamports: chain.lamports(), tokens: chain.held() },
      chain.token.mint.toBase58(),
    )

  for (const exchange of ['jupiter-v1', 'jupiter-v2', 'jupiter-v2-order']) {
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

  test('a token that fails its checks is not signed for, and the reason is said', async () => {
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

  test(
    'with a tip, through a block engine: the tip is in the swap, and a cost of its own in the ' +
      'book',
    async () => {
      const { TIP_ACCOUNT } = await import('../svm/jupiter/jupiter-swap.ts')
      // An account in use: one that is empty could not be given so little (rent).
      chain.world.cluster.svm.airdrop(TIP_ACCOUNT.toBase58() as never, 10_000_000n as never)
      const paths: string[] = []
      const engine = createServer(async (request, response) => {
        paths.push(request.url ?? '')
        const { params } = JSON.parse(await bodyOf(request))
        const answer = chain.rpc.answer(
          {
            id: 1,
            method: 'sendTransaction',
            params: [params[0], { encoding: 'base64', skipPreflight: true }],
          },
          undefined,
        )
        response.end(JSON.stringify(answer.body))
      })
      await new Promise<void>(resolve => engine.listen(0, '127.0.0.1', resolve))
      try {
        // Only the block engine gets it into a block.
        chain.rpc.faults.add('sendTransaction', 'drop', 1000)
        const relay = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`
        chain.config({ relay, tip: '0.0001', tipAccounts: [TIP_ACCOUNT.toBase58()] })
        bot = startBot(chain)
        bot.say(chain.tick(), chain.line(SIZE))
        const { fill } = await bot.saw(rec => rec.fill?.side === 'buy')
        assert.equal(fill?.tipLamports, '100000')
        assert.equal(fill?.inAmount, String(SIZE))
        await bot.saw(rec => rec.position?.status === 'open')
        isBook()
        assert.equal(paths[0], '/api/v1/transactions?bundleOnly=true')
      } finally {
        engine.closeAllConnections()
        engine.close()
      }
    },
  )

  test('signed bytes are in the ledger before they are sent, and never printed', async () => {
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
    for (const secret of [
      key.slice(0, 32).join(','),
      Buffer.from(key.slice(0, 32)).toString('hex'),
      chain.jupiter.key,
    ])
      assert.equal(said.includes(secret), false)
  })
})
