import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skip } from '../svm/machine.ts'
import { assertBookIsWallet } from './kit/book.ts'
import { type Chain, openChain, startBot, until } from './kit/bot.ts'
import { naiveBuy } from './kit/naive.ts'

const SIZE = 100_000_000n

/**
 * When the process is killed with SIGKILL: at a line that it has written, or at a request that has
 * come in.
 */
const KILLS: Record<string, (chain: Chain) => boolean> = {
  planned: chain => states(chain).includes('planned'),
  quoted: chain => states(chain).includes('quoted'),
  signed: chain => states(chain).includes('signed'),
  sending: chain => (chain.rpc.asked.get('sendTransaction') ?? 0) > 0,
  landed: chain => chain.held() > 0n,
  settled: chain => states(chain).includes('landed'),
}
const states = (chain: Chain): unknown[] => chain.kept().map(({ order }) => order?.state)

const TROUBLES: [string, (chain: Chain) => void][] = [
  ['nothing', () => undefined],
  ['dropped', ({ rpc }) => rpc.faults.add('sendTransaction', 'drop', 2)],
  ['502 after landing', ({ rpc }) => rpc.faults.add('sendTransaction', 'bad-gateway-after', 2)],
  ['a lagging node', ({ rpc }) => rpc.faults.add('getSignatureStatuses', { lag: 400 }, 3)],
  ['429', ({ rpc }) => rpc.faults.add('getSignatureStatuses', 'too-many', 2)],
  ['a hung socket', ({ rpc }) => rpc.faults.add('sendTransaction', 'hang-after', 1)],
]

describe('a process that is killed -9 and started again', { skip, timeout: 180_000 }, () => {
  for (const [at, [step, isTime]] of Object.entries(KILLS).entries()) {
    const [name, trouble] = TROUBLES[at % TROUBLES.length]!
    test(`killed when ${step}, under ${name}: one buy, and the book is the wallet`, async () => {
      const chain = await openChain()
      try {
        trouble(chain)
        const decision = chain.line(SIZE)
        // Machines at work are slow: the age of a decision is not what is tested here.
        const args = ['--max-age', '2m', '--without', 'clock,stale']
        const first = startBot(chain, args)
        first.say(chain.tick(), decision)
        await until(() => isTime(chain), step)
        first.child.kill('SIGKILL')
        await first.done
        const second = startBot(chain, args)
        second.say(decision, chain.tick())
        await until(() => chain.held() > 0n && states(chain).includes('landed'), 'bought')
        second.say(chain.line(SIZE))
        await second.saw(
          ({ order }) => order?.state === 'refused' && order.reasons.includes('duplicate'),
        )
        second.child.kill('SIGTERM')
        assert.equal(await second.done, 4, second.errors())
        assert.equal(chain.world.swaps().length, 1)
        const wallet = { lamports: chain.lamports(), tokens: chain.held() }
        assertBookIsWallet(chain.ledger, wallet, chain.token.mint.toBase58())
      } finally {
        chain.close()
      }
    })
  }

  test('the usual loop buys twice on the same machine', async () => {
    const bought: Record<string, number> = {}
    const cells: [string, (chain: Chain) => Promise<void>][] = [
      ['alone', chain => naiveBuy(chain, SIZE)],
      [
        'killed after sending, started again',
        async chain => {
          await naiveBuy(chain, SIZE, true)
          await naiveBuy(chain, SIZE)
        },
      ],
      [
        '502 after landing',
        async chain => {
          chain.rpc.faults.add('sendTransaction', 'bad-gateway-after')
          await naiveBuy(chain, SIZE)
        },
      ],
      [
        'slow status',
        async chain => {
          chain.rpc.faults.add('getSignatureStatuses', 'no-status', 10)
          await naiveBuy(chain, SIZE)
        },
      ],
      [
        'duplicate decision',
        async chain => {
          await naiveBuy(chain, SIZE)
          await naiveBuy(chain, SIZE)
        },
      ],
    ]
    for (const [name, act] of cells) {
      const chain = await openChain()
      try {
        await act(chain)
        bought[name] = chain.world.swaps().length
      } finally {
        chain.close()
      }
    }
    assert.deepEqual(bought, {
      alone: 1,
      'killed after sending, started again': 2,
      '502 after landing': 2,
      'slow status': 2,
      'duplicate decision': 2,
    })
  })
})
