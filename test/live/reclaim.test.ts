import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublicKey, TransactionInstruction } from '@solana/web3.js'
import { makeChain } from '../../lib/trade/live/chain/chain.ts'
import { loadSolana } from '../../lib/trade/live/chain/solana.ts'
import { tellStep } from '../../lib/trade/live/open-execute.ts'
import { listClaims } from '../../lib/trade/live/send/reclaim.ts'
import { checkClaimEffects } from '../../lib/trade/live/sign/check-claim.ts'
import type { Refused } from '../../lib/trade/live/sign/refused.ts'
import { skip } from '../svm/machine.ts'
import { bookOf } from './kit/book.ts'
import { calmCall } from './kit/direct.ts'
import { decide, openStage, runTwin, type Stage } from './kit/twin.ts'

const EXCESS = 700_000

/** What a run with --reclaim would do, as told to people. */
async function listed({ world, rpc }: Stage): Promise<string[]> {
  const ask = { solana: await loadSolana(), chain: makeChain(calmCall(rpc)) }
  const wallet = world.wallet.publicKey.toBase58()
  return listClaims(ask, wallet, () => true, new AbortController().signal)
}

test('deposits come back: empty accounts are closed, excess is taken, tokens stay', {
  skip,
}, async () => {
  const stage = await openStage()
  const { world, token } = stage
  try {
    const { SystemProgram } = await import('@solana/web3.js')
    const { ata, createAta, NATIVE_MINT } = await import('../svm/tokens.ts')
    const us = world.wallet.publicKey
    const lamportsOf = (account: PublicKey): bigint => world.lamports(account)
    await runTwin(stage, [decide(stage)])
    assert.ok(stage.wallet().tokens > 0n)
    const held = ata(token.mint, us)
    const rent = lamportsOf(held)
    const booked = stage.wallet().lamports
    // Of both programs one that is empty and one with tokens and too much rent; one of another.
    const [dog, bird] = [world.addToken('dog'), world.addToken('bird', { isToken2022: true })]
    const fish = world.addToken('fish', { isToken2022: true })
    const found = world.give(fish, us, 5n)
    const foundRent = lamportsOf(found)
    const theirs = world.give(dog, world.admin.publicKey, 1n)
    const top = (to: PublicKey): TransactionInstruction =>
      SystemProgram.transfer({ fromPubkey: us, toPubkey: to, lamports: EXCESS })
    world.run(world.wallet, [
      createAta(us, dog.mint, us),
      createAta(us, bird.mint, us, bird.program),
      createAta(us, NATIVE_MINT, us),
      ...[top(held), top(found), top(theirs)],
    ])
    const empty = [ata(dog.mint, us), ata(bird.mint, us, bird.program)]
    const [before, deposits] = [stage.wallet(), empty.map(lamportsOf)]
    const told = await listed(stage)
    assert.equal(told.length, 5)
    for (const account of empty)
      assert.ok(told.some(text => text.startsWith(`would close ${account.toBase58()}, empty`)))
    // Four claims of 5,000 lamports each; a token account of 165 bytes, twice; the excess, twice.
    const sum = deposits.reduce((all, each) => all + each, 2n * BigInt(EXCESS))
    assert.match(told[4]!, new RegExp(`^4 token accounts, 0\\.00${sum}0* SOL in all`))
    assert.deepEqual([stage.wallet(), world.swaps().length], [before, 1])
    const ofTheirs = lamportsOf(theirs)
    stage.flags = { reclaim: true }
    const { lines, error } = await runTwin(stage, [])
    assert.equal(error, undefined)
    const fills = lines.flatMap(({ fill }) => (fill === undefined ? [] : [fill]))
    const back = deposits.reduce((sum, each) => sum + each, 2n * BigInt(EXCESS))
    assert.equal(
      fills.reduce((sum, each) => sum + BigInt(each.rentReturnedLamports ?? '0'), 0n),
      back,
    )
    assert.deepEqual(empty.map(lamportsOf), [0n, 0n])
    assert.deepEqual([held, found, theirs].map(lamportsOf), [rent, foundRent, ofTheirs])
    assert.ok(lamportsOf(ata(NATIVE_MINT, us)) > 0n, 'wrapped SOL is money')
    // Four transactions of one signature each (5,000 lamports).
    const after = { lamports: before.lamports + back - 20_000n, tokens: before.tokens }
    assert.deepEqual(stage.wallet(), after)
    // The book of the ledger has all but what was done here by hand.
    const { book, intents } = bookOf(stage.ledger)
    assert.equal(book.cash(), after.lamports + booked - before.lamports)
    assert.equal(book.heldOf(token.mint.toBase58())?.amount, after.tokens)
    assert.deepEqual([...intents.open()], [])
    const { cost, fees, proceeds, outside, rent: deposited } = book.totals()
    assert.equal(book.cash(), book.start - cost - fees - deposited + proceeds - outside)
    // Again: nothing is left that is worth it.
    const again = await runTwin(stage, [])
    assert.deepEqual([again.lines.filter(({ order }) => order), again.error], [[], undefined])
  } finally {
    stage.close()
  }
})

test('what a claim may not be, each with its reason: one entry each', async t => {
  const { CLAIMS, judgeClaim } = await import('./kit/hostile-claims.ts')
  for (const claim of CLAIMS)
    await t.test(claim.name, async () => assert.equal(await judgeClaim(claim), claim.reason))
})

test('a simulation that shows anything else is no claim', () => {
  const [wallet, account, program] = ['w', 'a', 'p']
  const before = { owner: program, lamports: 2_000_000n, bytes: Buffer.alloc(165, 1) }
  const ours = { owner: 'system', lamports: 10n, bytes: Buffer.alloc(0) }
  const base = { wallet, account, program, rent: 1_500_000n }
  const close = { ...base, kind: 'close', back: 2_000_000n } as const
  const excess = { ...base, kind: 'excess', back: 500_000n } as const
  const rich = (by: bigint) => ({ ...ours, lamports: 10n + by - 5000n })
  const left = { ...before, lamports: 1_500_000n }
  const judge = (
    after: Parameters<typeof checkClaimEffects>[1],
    how: typeof close | typeof excess,
  ) => {
    try {
      checkClaimEffects([ours, before], after, how)
      return 'taken'
    } catch (error) {
      return (error as Refused).reason
    }
  }
  assert.equal(judge([rich(2_000_000n), undefined], close), 'taken')
  assert.equal(judge([rich(500_000n), left], excess), 'taken')
  assert.equal(judge([rich(1_999_999n), undefined], close), 'gives-less')
  assert.equal(judge([rich(2_000_000n), before], close), 'other-changed')
  assert.equal(judge([{ ...rich(2_000_000n), owner: 'thief' }, undefined], close), 'wallet-owner')
  assert.equal(judge([undefined, undefined], close), 'wallet-owner')
  const changed = { ...left, bytes: Buffer.alloc(165, 2) }
  assert.equal(judge([rich(500_000n), changed], excess), 'other-changed')
  assert.equal(judge([rich(500_000n), undefined], excess), 'other-changed')
})

test('a dry run that is interrupted while it asks ends, and what else fails is told', async () => {
  const run = async (isOver: boolean): Promise<string[]> => {
    const [said, stop] = [[] as string[], new AbortController()]
    const ask = async (): Promise<string[]> => {
      if (isOver) stop.abort()
      throw new Error('no answer')
    }
    const step = tellStep(ask, text => void said.push(text), stop.signal)
    for await (const lines of step.feed!((async function* () {})())) assert.deepEqual(lines, [])
    return said
  }
  assert.deepEqual(await run(true), ['interrupted before the node had answered'])
  await assert.rejects(run(false), /no answer/)
})
