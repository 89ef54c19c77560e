import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Connection, PublicKey, VersionedTransaction } from '@solana/web3.js'
import { WSOL } from '../../lib/sources/decode/programs.ts'
import type { Jupiter } from './jupiter/jupiter.ts'
import { skip } from './machine.ts'
import type { RpcServer } from './rpc/rpc.ts'
import type { Token, World } from './world.ts'

/** The amount of a swap, in lamports: 0.1 SOL. */
const AMOUNT = 100_000_000n

describe('a Solana cluster in the process', { skip }, () => {
  let world: World
  let rpc: RpcServer
  let jupiter: Jupiter
  let token: Token
  let connection: Connection
  let machine: typeof import('./world.ts')
  let tokens: typeof import('./tokens.ts')

  before(async () => {
    machine = await import('./world.ts')
    tokens = await import('./tokens.ts')
    world = machine.makeWorld()
    token = world.addToken('cat')
    rpc = await (await import('./rpc/rpc.ts')).openRpc(world.cluster, {
      landFailing: world.landFailing,
    })
    jupiter = await (await import('./jupiter/jupiter.ts')).openJupiter(world)
    connection = new Connection(rpc.url, {
      wsEndpoint: rpc.wsUrl,
      commitment: 'confirmed',
      disableRetryOnRateLimit: true,
    })
  })
  after(() => {
    rpc?.close()
    jupiter?.close()
  })

  const headers = { 'x-api-key': 'test-key' }
  const ask = async (path: string, body?: object): Promise<any> => {
    const init =
      body === undefined ? { headers } : { method: 'POST', body: JSON.stringify(body), headers }
    return (await fetch(jupiter.url + path, init)).json()
  }
  const quoteOf = (side: 'buy' | 'sell', amount: bigint, slippageBps = 50): Promise<any> => {
    const mint = token.mint.toBase58()
    const [from, to] = side === 'buy' ? [WSOL, mint] : [mint, WSOL]
    return ask(
      `/swap/v1/quote?inputMint=${from}&outputMint=${to}&amount=${amount}&` +
        `slippageBps=${slippageBps}`,
    )
  }
  const signed = (base64: string): VersionedTransaction => {
    const transaction = VersionedTransaction.deserialize(Buffer.from(base64, 'base64'))
    transaction.sign([world.wallet])
    return transaction
  }
  const swapFor = async (quoteResponse: object): Promise<VersionedTransaction> => {
    const userPublicKey = world.wallet.publicKey.toBase58()
    return signed((await ask('/swap/v1/swap', { quoteResponse, userPublicKey })).swapTransaction)
  }
  const send = (transaction: VersionedTransaction): Promise<string> =>
    connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true, maxRetries: 0 })
  const statusOf = async (signature: string): Promise<any> =>
    (await connection.getSignatureStatuses([signature], { searchTransactionHistory: true }))
      .value[0]
  const reserves = (): { lamports: bigint; tokens: bigint } => ({
    lamports: world.amount(token.solVault),
    tokens: world.amount(token.tokenVault),
  })
  const held = (): bigint => world.amount(tokens.ata(token.mint, world.wallet.publicKey))

  test('a quote is the integer formula, and the swap gives it to the unit, both ways', async () => {
    const before = reserves()
    const quote = await quoteOf('buy', AMOUNT)
    // 99,750,000 after 25 bps; 206,900,000,000,000 × 99,750,000 / (79,000,000,000 + 99,750,000),
    // worked out in Python’s integers.
    assert.equal(quote.outAmount, '260914541449')
    const signature = await send(await swapFor(quote))
    world.cluster.advance()
    assert.equal((await statusOf(signature)).err, null)
    assert.equal(held(), 260_914_541_449n)
    assert.deepEqual(reserves(), {
      lamports: before.lamports + AMOUNT,
      tokens: before.tokens - held(),
    })

    const back = await quoteOf('sell', held())
    const lamports = world.lamports(world.wallet.publicKey)
    const sold = await send(await swapFor(back))
    world.cluster.advance()
    const { meta } = (await connection.getTransaction(sold, {
      maxSupportedTransactionVersion: 1,
      commitment: 'confirmed',
    }))!
    assert.equal(meta?.err, null)
    assert.equal(
      world.lamports(world.wallet.publicKey),
      lamports + BigInt(back.outAmount) - BigInt(meta?.fee ?? 0),
    )
    assert.equal(held(), 0n)
  })

  test('the program agrees with the formula from one unit to all of a large pool', async () => {
    const { swapOut } = await import('./amm.ts')
    const wide = world.addToken('wide', {
      tokens: 18_000_000_000_000_000_000n,
      lamports: 300_000_000_000n,
    })
    const owner = world.admin.publicKey
    const wrapped = tokens.ata(tokens.NATIVE_MINT, owner)
    for (const amount of [1n, 2n, 10_001n, 999_999_999n, 250_000_000_000n]) {
      const expected = swapOut(amount, world.amount(wide.solVault), world.amount(wide.tokenVault))
      const had = world.amount(tokens.ata(wide.mint, owner))
      const { SystemProgram } = await import('@solana/web3.js')
      world.run(world.admin, [
        ...[
          tokens.createAta(owner, tokens.NATIVE_MINT, owner),
          tokens.createAta(owner, wide.mint, owner),
        ],
        SystemProgram.transfer({ fromPubkey: owner, toPubkey: wrapped, lamports: amount }),
        ...[tokens.syncNative(wrapped), world.swap(wide, owner, 'buy', amount, expected)],
      ])
      assert.equal(world.amount(tokens.ata(wide.mint, owner)) - had, expected)
    }
  })

  test('a swap that gives less than asked for fails with 6001 and costs its fee only', async () => {
    const transaction = await swapFor(await quoteOf('buy', AMOUNT))
    const lamports = world.lamports(world.wallet.publicKey)
    rpc.faults.add('sendTransaction', 'revert')
    const signature = await send(transaction)
    world.cluster.advance()
    assert.deepEqual((await statusOf(signature)).err, { InstructionError: [6, { Custom: 6001 }] })
    const found = await connection.getTransaction(signature, {
      maxSupportedTransactionVersion: 1,
      commitment: 'confirmed',
    })
    assert.equal(lamports - world.lamports(world.wallet.publicKey), BigInt(found?.meta?.fee ?? 0))
    assert.equal(held(), 0n)
  })

  test('the same bytes again: one swap, and pre-flight says that it was processed', async () => {
    const transaction = await swapFor(await quoteOf('buy', AMOUNT))
    const before = world.swaps().length
    assert.equal(await send(transaction), await send(transaction))
    assert.equal(world.swaps().length, before + 1)
    await assert.rejects(
      connection.sendRawTransaction(transaction.serialize(), { preflightCommitment: 'confirmed' }),
      /already been processed/,
    )
  })

  test('a blockhash: unknown to the finalized bank at first, good for 150 blocks', async () => {
    const transaction = await swapFor(await quoteOf('buy', AMOUNT))
    const simulate = async (commitment: 'confirmed' | 'finalized'): Promise<unknown> =>
      (await connection.simulateTransaction(transaction, { commitment, sigVerify: true })).value.err
    assert.equal(await simulate('finalized'), 'BlockhashNotFound')
    assert.equal(await simulate('confirmed'), null)
    world.cluster.advance(149)
    assert.equal(await simulate('confirmed'), null)
    world.cluster.advance(1)
    assert.equal(await simulate('confirmed'), 'BlockhashNotFound')
    const before = world.swaps().length
    const signature = await send(transaction)
    world.cluster.advance()
    assert.equal(await statusOf(signature), null)
    assert.equal(world.swaps().length, before)
    await assert.rejects(
      connection.sendRawTransaction(transaction.serialize(), { preflightCommitment: 'confirmed' }),
      /Blockhash not found/,
    )
  })

  test('statuses come with age', async () => {
    const signature = await send(await swapFor(await quoteOf('buy', AMOUNT)))
    const seen: string[] = []
    for (const blocks of [0, 1, 30, 1]) {
      world.cluster.advance(blocks)
      seen.push((await statusOf(signature)).confirmationStatus)
    }
    assert.deepEqual(seen, ['processed', 'confirmed', 'confirmed', 'finalized'])
  })

  test(
    'a node drops, delays, lags, refuses, loses its answer, and finds nothing, each as often ' +
      'as told',
    async () => {
      const transaction = await swapFor(await quoteOf('buy', AMOUNT))
      const before = world.swaps().length
      rpc.faults.add('sendTransaction', 'drop', 2)
      rpc.faults.add('sendTransaction', 'too-many')
      rpc.faults.add('sendTransaction', 'bad-gateway-after')
      const signature = await send(transaction)
      await send(transaction)
      await assert.rejects(send(transaction), /429/)
      assert.equal(world.swaps().length, before)
      await assert.rejects(send(transaction), /502/)
      assert.equal(world.swaps().length, before + 1)
      world.cluster.advance(2)
      rpc.faults.add('getSignatureStatuses', { lag: 5 })
      rpc.faults.add('getSignatureStatuses', 'no-status')
      const lagging = await connection.getSignatureStatuses([signature])
      assert.deepEqual(lagging, {
        context: { apiVersion: '4.0.0', slot: world.cluster.slot() - 5 },
        value: [null],
      })
      assert.equal(await statusOf(signature), null)
      assert.equal((await statusOf(signature)).confirmationStatus, 'confirmed')

      const later = await swapFor(await quoteOf('buy', AMOUNT))
      rpc.faults.add('sendTransaction', { delay: 3 })
      await send(later)
      world.cluster.advance(2)
      assert.equal(world.swaps().length, before + 1)
      world.cluster.advance(1)
      assert.equal(world.swaps().length, before + 2)
    },
  )

  test('a hung request never ends by itself', async () => {
    rpc.faults.add('getSlot', 'hang')
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSlot' })
    await assert.rejects(
      fetch(rpc.url, { method: 'POST', body, signal: AbortSignal.timeout(200) }),
      /timeout/i,
    )
    assert.equal(await connection.getSlot('processed'), world.cluster.slot())
  })

  test('subscriptions: slots, logs of an account, and a signature at its commitment', async () => {
    const notes: string[] = []
    const { default: WebSocket } = await import('ws')
    const socket = new WebSocket(rpc.wsUrl)
    await new Promise(resolve => socket.once('open', resolve))
    const say = (id: number, method: string, params: unknown[]): void =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const heard = (count: number): Promise<void> =>
      new Promise(resolve => {
        socket.on('message', raw => {
          notes.push(JSON.parse(String(raw)).method ?? 'subscribed')
          if (notes.length >= count) resolve()
        })
      })
    const transaction = await swapFor(await quoteOf('buy', AMOUNT))
    const subscribed = heard(3)
    say(1, 'slotSubscribe', [])
    say(2, 'logsSubscribe', [{ mentions: [token.pool.toBase58()] }, { commitment: 'confirmed' }])
    say(3, 'signatureSubscribe', [
      (await import('../lib/sources/decode/bytes.ts')).base58(
        Buffer.from(transaction.signatures[0]!),
      ),
      { commitment: 'confirmed' },
    ])
    await subscribed
    notes.length = 0
    socket.removeAllListeners('message')
    const all = heard(3)
    await send(transaction)
    world.cluster.advance()
    await all
    socket.terminate()
    assert.deepEqual(notes.sort(), [
      'logsNotification',
      'signatureNotification',
      'slotNotification',
    ])
  })

  test(
    'version 2: an order is landed by the API, and the same bytes and number again are no ' +
      'second swap',
    async () => {
      const taker = world.wallet.publicKey.toBase58()
      const order = await ask(
        `/swap/v2/order?inputMint=${WSOL}&outputMint=${token.mint}&amount=${AMOUNT}&` +
          `taker=${taker}&slippageBps=50`,
      )
      const signedTransaction = Buffer.from(signed(order.transaction).serialize()).toString(
        'base64',
      )
      const before = world.swaps().length
      const had = held()
      const post = (): Promise<any> =>
        ask('/swap/v2/execute', { signedTransaction, requestId: order.requestId })
      const first = await post()
      assert.deepEqual(
        [first.status, first.code, first.outputAmountResult],
        ['Success', 0, order.outAmount],
      )
      assert.deepEqual(await post(), first)
      assert.equal(world.swaps().length, before + 1)
      assert.equal(held() - had, BigInt(order.outAmount))
      const other = await ask('/swap/v2/execute', { signedTransaction, requestId: 'request-999' })
      assert.deepEqual(other, { code: -1, error: 'Order not found, it might have expired' })
    },
  )

  test('the API wants its key and knows no pool for a mint that has none', async () => {
    assert.equal((await fetch(`${jupiter.url}/swap/v1/quote`)).status, 401)
    const missing = new PublicKey(Buffer.alloc(32, 7)).toBase58()
    const response = await fetch(
      `${jupiter.url}/swap/v1/quote?inputMint=${WSOL}&outputMint=${missing}&amount=1`,
      {
        headers,
      },
    )
    assert.equal(response.status, 400)
    assert.equal(
      ((await response.json()) as { errorCode: string }).errorCode,
      'COULD_NOT_FIND_ANY_ROUTE',
    )
  })

  test('a pool of a Token-2022 mint trades by the same program', async () => {
    const modern = world.addToken('modern', { isToken2022: true })
    const owner = world.admin.publicKey
    const account = world.give(modern, owner, 1_000_000_000n)
    world.run(world.admin, [
      tokens.createAta(owner, tokens.NATIVE_MINT, owner),
      world.swap(modern, owner, 'sell', 1_000_000_000n, 1n),
    ])
    assert.equal(world.amount(account), 0n)
  })
})
