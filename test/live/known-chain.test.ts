import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError, TemporaryError } from '../../lib/base/errors.ts'
import { RELEASE_CHAIN } from '../../lib/trade/chain-profile.ts'
import { makeKnownChain } from '../../lib/trade/live/chain/known-chain.ts'
import { measureChain, versionOneProbe } from '../../lib/trade/live/chain/measure-chain.ts'
import { ALPENGLOW, type ClusterProfile, TOWER } from '../svm/cluster.ts'
import { skip } from '../svm/machine.ts'

const WALLET = 'So11111111111111111111111111111111111111112'
const signal = new AbortController().signal

async function measured(profile: ClusterProfile) {
  const { makeWorld } = await import('../svm/world.ts')
  const { openRpc } = await import('../svm/rpc/rpc.ts')
  const world = makeWorld(undefined, profile)
  const rpc = await openRpc(world.cluster, {})
  try {
    const { directCall } = await import('./kit/direct.ts')
    const time = { now: world.cluster.now, sleep: async () => undefined }
    return await measureChain(
      { call: directCall(rpc, time), now: world.cluster.now, payer: WALLET },
      signal,
    )
  } finally {
    rpc.close()
  }
}

test('the node of a machine is measured, before and after the changes of 2026', {
  skip,
}, async () => {
  const old = await measured(TOWER)
  assert.deepEqual(
    [old.slotMs, old.tokenAccountRent, old.consensus, old.commitment, old.transactionVersion],
    // (128 + 165) × 6,960 lamports.
    [400, 2_039_280n, 'tower', 'confirmed', 0],
  )
  const now = await measured(ALPENGLOW)
  // 60,000 / 280 whole slots of a minute; (128 + 165) × 5,080 lamports.
  assert.deepEqual(
    [now.slotMs, now.tokenAccountRent, now.consensus, now.commitment],
    [214.29, 1_488_440n, 'alpenglow', 'finalized'],
  )
  assert.ok(Math.abs(now.lifetimeBlocks - 150) <= 1, `${now.lifetimeBlocks} blocks`)
})

test('the probe is a transaction of version 1 to those who read such', async t => {
  const kit = await import('@solana/kit').catch(() => undefined)
  if (kit === undefined) return t.skip('no reader of version 1 is installed')
  const { messageBytes } = kit.getTransactionDecoder().decode(versionOneProbe(WALLET))
  const message = kit.getCompiledTransactionMessageDecoder().decode(messageBytes)
  assert.equal(message.version, 1)
  assert.deepEqual(message.staticAccounts, [WALLET, '11111111111111111111111111111111'])
})

test('what a node does not say is not filled in', async () => {
  const good: Record<string, unknown> = {
    getGenesisHash: RELEASE_CHAIN.genesis,
    getRecentPerformanceSamples: [{ numSlots: 280, samplePeriodSecs: 60 }],
    getMinimumBalanceForRentExemption: 1_488_440,
    getAgGenesisCert: null,
    getBlockHeight: 1000,
    getLatestBlockhash: { value: { lastValidBlockHeight: 1150 } },
    simulateTransaction: { value: {} },
  }
  const ask = (change: Record<string, unknown>) =>
    measureChain(
      { call: async method => ({ ...good, ...change })[method], now: () => 0, payer: WALLET },
      signal,
    )
  assert.equal((await ask({})).consensus, 'tower')
  for (const change of [
    { getGenesisHash: 5 },
    { getRecentPerformanceSamples: [] },
    { getRecentPerformanceSamples: [{ numSlots: 0, samplePeriodSecs: 60 }] },
    { getRecentPerformanceSamples: 'x' },
    // A minute for a slot would have an exit sent again after four; a tenth of a ms, without end.
    { getRecentPerformanceSamples: [{ numSlots: 1, samplePeriodSecs: 60 }] },
    { getRecentPerformanceSamples: [{ numSlots: 600_000, samplePeriodSecs: 60 }] },
    { getBlockHeight: 1149 },
    { getLatestBlockhash: { value: { lastValidBlockHeight: 9_000_000 } } },
    { getMinimumBalanceForRentExemption: 1e15 },
    { getMinimumBalanceForRentExemption: '5' },
    { getAgGenesisCert: 'yes' },
    { getBlockHeight: 2000 },
    { getLatestBlockhash: {} },
  ])
    await assert.rejects(ask(change), DataError, JSON.stringify(change))
})

test('a chain is unknown until it is told, and a quarter of an hour after that', async () => {
  let now = 0
  let answer: () => Promise<typeof RELEASE_CHAIN> = async () => {
    throw new TemporaryError('busy')
  }
  const naps: { ms: number; wake(): void }[] = []
  const told: string[] = []
  const warned: string[] = []
  let missed = 0
  const known = makeKnownChain({
    measure: () => answer(),
    time: {
      monotonic: () => now,
      sleep: ms => new Promise(wake => naps.push({ ms, wake })),
    },
    count: () => void missed++,
    warn: text => void warned.push(text),
  })
  const pass = async (): Promise<void> => {
    const nap = naps.shift()!
    now += nap.ms
    nap.wake()
    await new Promise(resolve => setImmediate(resolve))
  }
  const begun = known.begin(({ name }) => told.push(name), signal)
  for (let tries = 1; tries < 3; tries++) {
    await new Promise(resolve => setImmediate(resolve))
    await pass()
  }
  await begun
  assert.deepEqual([known.isKnown(), known.profile(), missed], [false, RELEASE_CHAIN, 3])
  assert.equal(warned.length, 1)
  assert.match(warned[0]!, /nothing is bought: busy/)
  answer = async () => ({ ...RELEASE_CHAIN, name: 'a', slotMs: 200 })
  await pass()
  assert.deepEqual([known.isKnown(), known.profile().slotMs, told], [true, 200, ['a']])
  answer = async () => ({ ...RELEASE_CHAIN, name: 'b', slotMs: 201 })
  await pass()
  assert.deepEqual(told, ['a'], 'half a percent is the same chain')
  answer = async () => ({ ...RELEASE_CHAIN, name: 'c', tokenAccountRent: 203_928n })
  await pass()
  assert.deepEqual([told, known.profile().tokenAccountRent], [['a', 'c'], 203_928n])
  answer = async () => {
    throw new TemporaryError('busy')
  }
  for (const before = now; now - before < 15 * 60_000; ) await pass()
  assert.equal(warned.length, 2, 'told once more, when it began to fail')
  assert.match(warned[1]!, /after 15 min without an answer nothing is bought: busy/)
  assert.deepEqual([known.isKnown(), known.profile().name], [false, 'c'])
  answer = async () => {
    throw new TypeError('a mistake of ours')
  }
  await pass()
  assert.match(warned.at(-1)!, /a mistake of ours/)
  answer = async () => RELEASE_CHAIN
  await pass()
  assert.equal(known.isKnown(), true, 'it went on asking')
})

test('bought and sold on the chain of late 2026: its deposit, its name, the book is the wallet', {
  skip,
  timeout: 60_000,
}, async () => {
  const { openChain, startBot } = await import('./kit/bot.ts')
  const { assertBookIsWallet } = await import('./kit/book.ts')
  const chain = await openChain(40, ALPENGLOW)
  try {
    chain.config({ exchange: 'jupiter-v2', transactionVersion: 1 })
    const bot = startBot(chain)
    bot.say(chain.tick(), chain.line(100_000_000n))
    const { fill } = await bot.saw(rec => rec.fill?.side === 'buy')
    const told = chain.kept().find(({ kind }) => kind === 'chain')?.chain
    assert.deepEqual(
      [fill?.rentLamports, fill?.chain, told?.consensus, told?.tokenAccountRent],
      ['1488440', told?.name, 'alpenglow', '1488440'],
    )
    bot.say(chain.line(1n, { act: 'sell' }))
    await bot.saw(rec => rec.position?.status === 'closed')
    bot.end()
    assert.equal(await bot.done, 0, bot.errors())
    const versions = chain.world.swaps().map(({ wire }) => wire.version)
    assert.deepEqual(versions, [1, 1])
    const wallet = { lamports: chain.lamports(), tokens: chain.held() }
    assertBookIsWallet(chain.ledger, wallet, chain.token.mint.toBase58())
  } finally {
    chain.close()
  }
})
