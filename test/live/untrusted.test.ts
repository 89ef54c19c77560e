import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Keypair,
  type PublicKey,
  SystemProgram,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import fc from 'fast-check'
import { DataError, TemporaryError } from '../../lib/base/errors.ts'
import { WSOL } from '../../lib/sources/decode/programs.ts'
import { makeChain } from '../../lib/trade/live/chain/chain.ts'
import { loadSolana } from '../../lib/trade/live/chain/solana.ts'
import { unitPrice } from '../../lib/trade/live/send/fees.ts'
import { EXCHANGES } from '../../lib/trade/live/send/jupiter/exchanges.ts'
import { realised } from '../../lib/trade/live/send/reconcile.ts'
import { txParts } from '../../lib/trade/live/sign/tx-parts.ts'

const solana = await loadSolana()
const pair = Keypair.generate()
const [owner, thief, mint] = [pair, Keypair.generate(), Keypair.generate()].map(
  each => each.publicKey,
) as [PublicKey, PublicKey, PublicKey]
const message = new TransactionMessage({
  payerKey: owner,
  recentBlockhash: mint.toBase58(),
  instructions: [SystemProgram.transfer({ fromPubkey: owner, toPubkey: thief, lamports: 1 })],
})
const HONEST = Buffer.from(new VersionedTransaction(message.compileToV0Message()).serialize())

test('bytes that are no transaction are refused, whatever they are', () => {
  const read = (bytes: Buffer) => txParts(solana, bytes, new Map())
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1400 }), bytes => {
      assert.throws(() => read(Buffer.from(bytes)), DataError)
    }),
    { numRuns: 500, seed: 3 },
  )
  assert.equal(read(HONEST).keys[0], owner.toBase58())
  for (let cut = 0; cut < HONEST.length; cut += 7)
    assert.throws(() => read(HONEST.subarray(0, cut)), DataError)
  assert.throws(() => read(Buffer.from([0x81, ...HONEST])), DataError)
})

const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, -1, 1e300, '1e5', '-3', '9'.repeat(40), 'x', [], {}),
)
const at = (body: unknown, status = 200) => ({
  http: { ask: async () => ({ status, body, date: undefined, left: undefined }) },
  base: 'http://x',
  key: undefined,
  wallet: owner.toBase58(),
  perMinute: 60,
  timeoutMs: 1000,
})
const ask = { inMint: WSOL, outMint: mint.toBase58(), amount: 1000n, slippageBps: 50 }
const quote = {
  inputMint: WSOL,
  outputMint: mint.toBase58(),
  inAmount: '1000',
  outAmount: '500',
  otherAmountThreshold: '497',
  transaction: HONEST.toString('base64'),
  requestId: 'r1',
}
const signal = new AbortController().signal

test('answers of the exchange: any spoilt one is a DataError or no route', async () => {
  for (const exchange of Object.values(EXCHANGES)) {
    assert.equal((await exchange(at(quote)).quote(ask, signal))?.outAmount, 500n)
    const spoilt: [object, RegExp][] = [
      [{ inAmount: '1001' }, /is for 1001/],
      [{ inAmount: undefined }, /inAmount/],
      [{ outAmount: '-5' }, /outAmount/],
      [{ outAmount: '1.5' }, /outAmount/],
      [{ outAmount: '0' }, /gives 0/],
      [{ outAmount: String(2n ** 64n) }, /outAmount/],
      [{ otherAmountThreshold: '501' }, /at least 501/],
      [{ outputMint: thief.toBase58() }, /is for/],
      [{ inputMint: 5 }, /is for/],
      [{ errorCode: 7 }, /status/],
    ]
    for (const [change, message] of spoilt)
      await assert.rejects(exchange(at({ ...quote, ...change })).quote(ask, signal), message)
    assert.equal(
      await exchange(at({ errorCode: 'COULD_NOT_FIND_ANY_ROUTE', error: 'no' }, 400)).quote(
        ask,
        signal,
      ),
      undefined,
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(quote).slice(0, 5)),
        junk,
        async (key, value) => {
          const asked = exchange(at({ ...quote, [key]: value })).quote(ask, signal)
          const found = await asked.catch(error => {
            assert.ok(error instanceof DataError, String(error))
            return undefined
          })
          if (found !== undefined)
            assert.ok(
              found.inAmount === 1000n && found.outAmount > 0n && found.minOut <= found.outAmount,
            )
        },
      ),
      { numRuns: 300, seed: 4 },
    )
    await fc.assert(
      fc.asyncProperty(junk, async body => {
        await assert.rejects(exchange(at(body)).quote(ask, signal), DataError)
      }),
      { numRuns: 200, seed: 5 },
    )
  }
})

test('a node that has not come as far as our own swaps says nothing of what we hold', async () => {
  const chain = makeChain(async () => ({ context: { slot: 7 }, value: [null] }))
  assert.deepEqual(await chain.accounts(['k'], signal), [undefined])
  chain.notBefore(7)
  assert.deepEqual(await chain.accounts(['k'], signal), [undefined])
  chain.notBefore(8)
  chain.notBefore(5)
  await assert.rejects(chain.accounts(['k'], signal), TemporaryError)
  await assert.rejects(chain.tokenAccounts('w', 'p', signal), /the node is at slot 7, behind 8/)
})

test('answers of the node: any spoilt one is a DataError, never an empty account', async () => {
  await fc.assert(
    fc.asyncProperty(junk, async result => {
      const chain = makeChain(async () => result)
      for (const asked of [
        ...[
          chain.height(signal),
          chain.latest(signal),
          chain.status('s', signal),
          chain.recentFees([], signal),
        ],
        ...[
          chain.accounts(['k'], signal),
          chain.simulate('', ['k'], signal),
          chain.genesisHash(signal),
        ],
        chain.tokenAccounts('w', 'p', signal),
      ])
        await asked.then(
          value => assert.deepEqual(value, [], 'only an empty list of fees is an answer'),
          error => assert.ok(error instanceof DataError, String(error)),
        )
    }),
    { numRuns: 500, seed: 6 },
  )
  const status = (value: unknown) =>
    makeChain(async () => ({ context: { slot: 5 }, value: [value] })).status('s', signal)
  await assert.rejects(
    status({ confirmationStatus: 'confirmed' }),
    /does not say whether it failed/,
  )
  assert.deepEqual(await status(null), { slot: 5, status: undefined })
  assert.deepEqual(
    (await status({ err: null, confirmationStatus: 'processed' })).status?.isConfirmed,
    false,
  )
})

/**
 * Hand table: a buy of 1,000,000 lamports with a new token account, wrapped SOL made and closed,
 * fee 5000 + 700, tip 300.
 */
const landed = {
  slot: 9,
  transaction: {
    signatures: ['sig'],
    message: { accountKeys: [owner.toBase58(), 'ata', 'vault', 'tipped'] },
  },
  meta: {
    err: null,
    fee: 5700,
    preBalances: [10_000_000, 0, 500, 50],
    postBalances: [6_954_720, 2_039_280, 1_000_500, 350],
    preTokenBalances: [
      { accountIndex: 2, mint: mint.toBase58(), owner: 'pool', uiTokenAmount: { amount: '900' } },
    ],
    postTokenBalances: [
      {
        accountIndex: 1,
        mint: mint.toBase58(),
        owner: owner.toBase58(),
        uiTokenAmount: { amount: '77' },
      },
      { accountIndex: 2, mint: mint.toBase58(), owner: 'pool', uiTokenAmount: { amount: '823' } },
    ],
  },
}
const whose = {
  wallet: owner.toBase58(),
  mint: mint.toBase58(),
  signature: 'sig',
  tips: ['tipped'],
}

test('what was realised is read from the balances: rent, fee, tip and swap apart', () => {
  const { cash, tokens, rent, fee, priorityFee, tip, slot } = realised(landed, whose)
  assert.deepEqual(
    [cash, tokens, rent, fee, priorityFee, tip, slot],
    [-1_000_000n, 77n, 2_039_280n, 5000n, 700n, 300n, 9],
  )
})

test('a transaction without its meta, of somebody else, or cut short is not known yet', () => {
  const spoil =
    (change: object, meta: object = {}) =>
    () =>
      realised({ ...landed, ...change, meta: { ...landed.meta, ...meta } }, whose)
  for (const act of [
    () => realised({ ...landed, meta: null }, whose),
    () => realised(null, whose),
    () => realised(landed, { ...whose, signature: 'other' }),
    () => realised(landed, { ...whose, wallet: thief.toBase58() }),
    spoil({}, { err: undefined }),
    spoil({}, { fee: -1 }),
    spoil({}, { preBalances: [1] }),
    spoil({}, { postTokenBalances: undefined }),
    spoil(
      {},
      { postTokenBalances: [{ accountIndex: 1, mint: mint.toBase58(), owner: owner.toBase58() }] },
    ),
    spoil({ slot: 'nine' }),
  ])
    assert.throws(act, DataError)
})

test('the price for priority: the upper quartile of others, between floor and cap', () => {
  const fees = [0n, 0n, 100n, 200n, 300n, 400n]
  const wide = { floor: 0n, cap: 10n ** 9n }
  // Nearest rank of four: the third.
  assert.equal(unitPrice(fees, 100_000n, wide), 300n)
  assert.equal(unitPrice([], 100_000n, { floor: 1000n, cap: 5000n }), 10_000n)
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(0n, 10n ** 12n), { maxLength: 150 }),
      fc.bigInt(1n, 1_400_000n),
      fc.bigInt(0n, 10n ** 6n),
      (recent, units, cap) => {
        const price = unitPrice(recent, units, { floor: cap / 3n, cap })
        // The chain charges the price on the whole limit asked for, rounded up to a lamport.
        assert.ok((price * units + 999_999n) / 1_000_000n <= cap)
      },
    ),
    { numRuns: 1000, seed: 7 },
  )
})
