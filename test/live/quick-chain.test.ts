import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemProgram, type TransactionInstruction } from '@solana/web3.js'
import { makeRng, type Rng } from '../../lib/base/rng.ts'
import { TOKEN } from '../../lib/sources/decode/programs.ts'
import { SYSTEM } from '../../lib/trade/live/chain/solana.ts'
import { skip } from '../svm/machine.ts'
import type { Token, World } from '../svm/world.ts'
import { makeChain } from './days/chain.ts'
import { swapOut } from './days/programs.ts'
import { readWire } from './days/wire.ts'

const ROUNDS = 150

/** What a transaction is made of: sensible or not, in any order. */
function steps(
  world: World,
  token: Token,
  tokens: typeof import('../svm/tokens.ts'),
): ((rng: Rng) => TransactionInstruction)[] {
  const { wallet, admin } = world
  const us = wallet.publicKey
  const [ours, wrapped] = [tokens.ata(token.mint, us), tokens.ata(tokens.NATIVE_MINT, us)]
  const amount = (rng: Rng, most: bigint): bigint => (most * BigInt(rng.below(1100))) / 1000n
  const pay = (to: typeof us, most: bigint) => (rng: Rng) =>
    SystemProgram.transfer({ fromPubkey: us, toPubkey: to, lamports: 1n + amount(rng, most) })
  const swap = (side: 'buy' | 'sell') => (rng: Rng) => {
    const [sol, held] = [world.amount(token.solVault), world.amount(token.tokenVault)]
    const most = side === 'buy' ? 2_000_000_000n : world.amount(ours)
    // A sale of all leaves an account that can be closed.
    const isAll = side === 'sell' && most > 0n && rng.next() < 0.5
    const into = isAll ? most : 1n + amount(rng, most)
    const out = side === 'buy' ? swapOut(into, sol, held) : swapOut(into, held, sol)
    // Now and then more is asked for than comes out.
    const quoted = rng.next() < 0.2 ? (out * 11n) / 10n : out
    return world.swap(token, us, side, into, { quoted, slippageBps: rng.below(500) })
  }
  return [
    () => tokens.createAta(us, token.mint, us),
    () => tokens.createAta(us, tokens.NATIVE_MINT, us),
    pay(wrapped, 2_000_000_000n),
    () => tokens.syncNative(wrapped),
    swap('buy'),
    swap('sell'),
    () => tokens.closeAccount(wrapped, us, us),
    () => tokens.closeAccount(ours, us, us),
    pay(admin.publicKey, 5_000_000_000n),
  ]
}

test('the chain of the simulated days does what the virtual machine does', { skip }, async () => {
  const { makeWorld } = await import('../svm/world.ts')
  const tokens = await import('../svm/tokens.ts')
  const { holdingOf } = await import('../svm/cluster.ts')
  const world = makeWorld()
  const token = world.addToken('cat')
  const us = world.wallet.publicKey
  const all = steps(world, token, tokens)
  const watched = [
    ...[us, world.admin.publicKey, token.tokenVault, token.solVault],
    ...[tokens.ata(token.mint, us), tokens.ata(tokens.NATIVE_MINT, us)],
  ].map(key => key.toBase58())
  const chain = makeChain(0, 400)
  const account = (key: string) => {
    const { lamports, token: found } = holdingOf(world.cluster.svm, key)
    if (lamports === 0n) return undefined
    if (found === undefined) return { owner: SYSTEM, lamports }
    const { mint, owner, amount } = found
    return { owner: TOKEN, lamports, token: { mint, owner, amount } }
  }
  for (const key of watched) chain.begin(key, account(key)!)
  const rng = makeRng('quick chain')
  const [good, bad] = [new Set<number>(), new Set<number>()]
  for (let round = 0; round < ROUNDS; round++) {
    // Half of them buy or sell as they should; the others are whatever comes.
    const plain = rng.next() < 0.5 ? [0, 1, 2, 3, 4, 6] : [1, 5, 7]
    const picked =
      rng.next() < 0.5 ? plain : Array.from({ length: 1 + rng.below(5) }, () => rng.below(9))
    const transaction = world.build(
      us,
      picked.map(each => all[each]!(rng)),
    )
    transaction.sign([world.wallet])
    const bytes = Buffer.from(transaction.serialize())
    const landed = world.cluster.land(world.cluster.decode(bytes.toString('base64')))
    world.cluster.advance()
    if (landed === undefined) continue // Nothing that a block takes.
    const { error, get } = chain.tryOut(readWire(bytes, () => undefined))
    const about = `round ${round}: ${picked} ${JSON.stringify(landed.error)} ${error?.message}`
    const [at] = (landed.error as { InstructionError?: [number] } | null)?.InstructionError ?? []
    assert.equal(error?.at, landed.error === null ? undefined : at, about)
    for (const each of picked) (error === undefined ? good : bad).add(each)
    for (const key of watched) {
      const found = get(key)
      const [mine, real] = [found?.lamports ? found : undefined, account(key)]
      assert.deepEqual(mine, real, `${about}: ${key}`)
      chain.set(key, found)
    }
  }
  assert.equal(good.size, all.length, 'each step is in one that succeeds')
  assert.ok(bad.size >= 5, 'and many in one that fails')
})
