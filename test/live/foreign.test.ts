import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError, HaltError } from '../../lib/base/errors.ts'
import { makeChain } from '../../lib/trade/live/chain/chain.ts'
import { makeForeignWatch } from '../../lib/trade/live/foreign-watch.ts'
import { skip } from '../svm/machine.ts'
import { calmCall } from './kit/direct.ts'
import { decide, openStage, runTwin, type Stage } from './kit/twin.ts'

/** A lamport from one wallet to another: both are named, the first has signed. */
async function pay({ world }: Stage, from: 'wallet' | 'admin', to: 'wallet' | 'admin') {
  const { SystemProgram } = await import('@solana/web3.js')
  const [fromPubkey, toPubkey] = [world[from].publicKey, world[to].publicKey]
  world.run(world[from], [SystemProgram.transfer({ fromPubkey, toPubkey, lamports: 1_000_000 })])
  world.cluster.advance(2)
  return [...world.cluster.landed.keys()].at(-1)!
}

test('what the wallet signs elsewhere is noticed; what only names it is not its doing', {
  skip,
}, async () => {
  const stage = await openStage(false)
  const wallet = stage.world.wallet.publicKey.toBase58()
  const ours = new Set<string>()
  const counted: string[] = []
  const found: string[] = []
  let isDown = false
  let wake: () => void = () => undefined
  const call = calmCall(stage.rpc)
  const stop = new AbortController()
  try {
    const watch = makeForeignWatch({
      chain: makeChain(async (...asked) => {
        if (isDown) throw new DataError('down')
        return call(...asked)
      }),
      wallet,
      isOurs: signature => ours.has(signature),
      time: { now: stage.time.now, sleep: () => new Promise(resolve => (wake = resolve)) },
      count: what => void counted.push(what),
      found: signature => void found.push(signature),
      warn: () => undefined,
    })
    const look = async (): Promise<string | undefined> => {
      wake()
      for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
      return watch.noBuys()
    }
    await pay(stage, 'wallet', 'admin')
    assert.equal(watch.noBuys(), 'wallet-unwatched', 'before the first look')
    await watch.begin(stop.signal)
    assert.equal(watch.noBuys(), undefined, 'what was before is in the wallet already')
    await pay(stage, 'admin', 'wallet')
    assert.equal(await look(), undefined)
    assert.deepEqual(counted, ['named-by-others'])
    ours.add(await pay(stage, 'wallet', 'admin'))
    assert.equal(await look(), undefined)
    isDown = true
    const signature = await pay(stage, 'wallet', 'admin')
    assert.equal(await look(), 'wallet-unwatched')
    isDown = false
    assert.equal(await look(), 'foreign-transaction')
    assert.deepEqual([found, watch.seen()], [[signature], 1])
    assert.equal(await look(), 'foreign-transaction', 'until it is started anew')
    assert.equal(watch.seen(), 1)
  } finally {
    stop.abort()
    stage.close()
  }
})

test('while it trades: no more buys, exits as ever, and a human is wanted', { skip }, async () => {
  const stage = await openStage()
  try {
    const dog = { ...stage, token: stage.world.addToken('dog') }
    const later = async (): Promise<string> => {
      await stage.time.sleep(5000, new AbortController().signal)
      await pay(stage, 'wallet', 'admin')
      await stage.time.sleep(20_000, new AbortController().signal)
      return decide(dog)
    }
    const sell = JSON.parse(decide(stage))
    const last = { ...sell, decision: { ...sell.decision, act: 'sell' } }
    const { lines, error } = await runTwin(stage, [decide(stage), later, JSON.stringify(last)])
    const said = lines.flatMap(({ order }) =>
      order !== undefined && /landed|refused/.test(order.state)
        ? [[order.side, order.state, ...order.reasons].join()]
        : [],
    )
    assert.deepEqual(said, ['buy,landed', 'buy,refused,foreign-transaction', 'sell,landed'])
    assert.equal(stage.wallet().tokens, 0n)
    assert.ok(error instanceof HaltError, String(error))
  } finally {
    stage.close()
  }
})
