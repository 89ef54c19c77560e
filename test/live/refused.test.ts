import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { SystemProgram } from '@solana/web3.js'
import { skip } from '../svm/machine.ts'
import { decide, openStage, runTwin, type Stage } from './kit/twin.ts'

describe('what is refused with real money at stake', { skip, timeout: 60_000 }, () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())
  const ends = async (raws: readonly string[]) => {
    const { lines, error } = await runTwin(stage, raws)
    // What was bought is still held when the test stops the run.
    assert.ok(error === undefined || /positions are still open/.test(String(error)), String(error))
    return lines
      .map(({ order }) => [order?.state, order?.reasons])
      .filter(([state]) => state === 'refused' || state === 'expired' || state === 'landed')
  }

  test('an arbitrage path is not bought one-way', async () => {
    const { market: _, ...bare } = JSON.parse(decide(stage))
    const opportunity = { path: [], inAmount: '1', outAmount: '2' }
    const path = JSON.stringify({ ...bare, kind: 'opportunity', opportunity })
    const start = stage.wallet()
    const market = decide(stage, 0n).replace('"buy"', '"hold"')
    assert.deepEqual(await ends([market, path]), [['refused', ['path']]])
    assert.deepEqual(stage.wallet(), start)
  })

  test('an exchange that adds a sale of another token: the reason is in the ledger', async () => {
    const { world, jupiter, token } = stage
    const dog = world.addToken('dog')
    const ours = world.give(dog, world.wallet.publicKey, 7_000_000_000n)
    const sale = world.swap(dog, world.wallet.publicKey, 'sell', 7_000_000_000n, 1n)
    const honest = jupiter.answer
    jupiter.answer = (method, url, body, fault) => {
      const answer = honest(method, url, body, fault)
      const { otherInstructions } = answer.body as { otherInstructions?: object[] }
      otherInstructions?.push({
        programId: sale.programId.toBase58(),
        accounts: sale.keys.map(({ pubkey, ...flags }) => ({
          pubkey: pubkey.toBase58(),
          ...flags,
        })),
        data: sale.data.toString('base64'),
      })
      return answer
    }
    const start = stage.wallet()
    assert.deepEqual(await ends([decide(stage)]), [['expired', ['second-swap']]])
    assert.deepEqual([stage.wallet(), world.amount(ours)], [start, 7_000_000_000n])
    assert.equal(world.swaps().length, 0, token.mint.toBase58())
  })

  test('the cap of a day counts what left the wallet, whoever sent it', async () => {
    const { world } = stage
    const away = { fromPubkey: world.wallet.publicKey, toPubkey: world.admin.publicKey }
    world.run(world.wallet, [SystemProgram.transfer({ ...away, lamports: 4_950_000_000 })])
    world.cluster.advance(2)
    assert.deepEqual(await ends([decide(stage)]), [['expired', ['caps']]])
    assert.equal(world.swaps().length, 0)
    // 4.95 of 5 SOL are gone: what is left of the day can be bought for.
    assert.deepEqual(await ends([decide(stage, 40_000_000n)]), [['landed', []]])
  })
})
