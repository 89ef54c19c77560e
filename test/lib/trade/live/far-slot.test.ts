import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TemporaryError } from '../../../../lib/base/errors.ts'
import { makeChain } from '../../../../lib/trade/live/chain/chain.ts'

const NOW = 1_790_000_000_000
const CLOCK = 'SysvarC1ock11111111111111111111111111111111'
const signal = new AbortController().signal

/** A node at a slot, whose blocks carry a time in seconds. */
function nodeAt(
  slot: number,
  seconds: number | (() => number),
  now: (() => number) | null = () => NOW,
) {
  const secondsNow = typeof seconds === 'number' ? () => seconds : seconds
  const accountNow = () => {
    const clock = Buffer.alloc(40)
    clock.writeBigInt64LE(BigInt(secondsNow()), 32)
    return { owner: CLOCK, lamports: 1, data: [clock.toString('base64'), 'base64'] }
  }
  const call = async (_: string, [keys]: unknown[]) => ({
    context: { slot },
    value: (keys as string[]).map(accountNow),
  })
  return makeChain(call, () => 'finalized', now ?? undefined)
}

test('a slot of the far future is forgotten by a node of now: exits do not wait', async () => {
  const chain = nodeAt(1000, NOW / 1000 - 20)
  chain.notBefore(10 ** 12)
  assert.equal((await chain.accounts(['a'], signal)).length, 1)
  // A slot that may have been is waited for as before.
  chain.notBefore(1200)
  await assert.rejects(chain.accounts(['a'], signal), TemporaryError)
})

test('a node that is behind is not believed, whatever it is asked', async () => {
  for (const chain of [
    nodeAt(1000, NOW / 1000 - 1200), // Twenty minutes: 5,600 slots of 214 ms.
    nodeAt(1000, NOW / 1000, null), // Nobody knows what time it is.
  ]) {
    chain.notBefore(6600)
    await assert.rejects(chain.accounts(['a'], signal), /at slot 1000, behind 6600/)
  }
})

test('with a wrong clock here, a node that goes as fast as time does is of now', async () => {
  const HALF_AN_HOUR = 1_800_000
  // In a minute of ours the chain goes on as time does, not at all, or to catch up.
  for (const [pace, isBelieved] of [
    [1, true],
    [0, false],
    [10, false],
  ] as const) {
    let passed = 0
    const seconds = () => (NOW + HALF_AN_HOUR + pace * passed) / 1000
    const chain = nodeAt(1000, seconds, () => NOW + passed)
    chain.notBefore(10 ** 12)
    await assert.rejects(chain.accounts(['a'], signal), TemporaryError)
    passed = 30_000
    await assert.rejects(chain.accounts(['a'], signal), TemporaryError)
    passed = 61_000
    const found = chain.accounts(['a'], signal)
    if (isBelieved) assert.equal((await found).length, 1)
    else await assert.rejects(found, TemporaryError)
  }
})
