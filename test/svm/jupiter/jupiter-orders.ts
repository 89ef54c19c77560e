import { VersionedTransaction } from '@solana/web3.js'
import type { Landed } from '../cluster.ts'
import type { Fault } from '../faults.ts'
import type { Answer } from '../server.ts'
import type { World } from '../world.ts'
import { NO_ROUTE, type Quoted, quoted, quoteJson, swapTransaction } from './jupiter-swap.ts'

interface Order {
  quoted: Quoted
  message: Buffer
}

/** Version 2: an order gives a transaction and its number, execute lands what was signed. */
export function makeOrders(world: World): {
  order(query: URLSearchParams): Answer
  execute(body: any, fault: Fault | undefined): Answer
} {
  const open = new Map<string, Order>()
  return {
    order(query) {
      const found = quoted(world, query)
      if (found === undefined) return NO_ROUTE
      const taker = query.get('taker')
      const quote = quoteJson(world, found)
      const built = taker === null ? undefined : swapTransaction(world, quote, taker)
      const requestId = `request-${open.size + 1}`
      const message =
        built === undefined ? Buffer.alloc(0) : messageOf(Buffer.from(built.base64, 'base64'))
      open.set(requestId, { quoted: found, message })
      return { body: orderJson(quote, requestId, taker, built) }
    },
    execute(body, fault) {
      const order = open.get(String(body?.requestId))
      if (order === undefined) return failure(-1, 'Order not found, it might have expired')
      const signed = String(body?.signedTransaction)
      const bytes = Buffer.from(signed, 'base64')
      if (!messageOf(bytes).equals(order.message)) return failure(-3, 'Invalid message bytes')
      const wire = world.cluster.decode(signed)
      if (world.cluster.simulate(wire, true).error === 'SignatureFailure')
        return failure(-2, 'Failed to deserialize or verify the signed transaction')
      const { signature } = wire
      // The same bytes again are a question how it went.
      if (!world.cluster.landed.has(signature)) {
        if (fault === 'drop') return failure(-1006, 'Timed out', signature)
        if ((world.cluster.lastValid(wire.blockhash) ?? 0) < world.cluster.height())
          return failure(-1005, 'Transaction expired', signature)
        if (fault === 'revert') world.landFailing(wire)
        else world.cluster.land(wire)
      }
      return executed(order, world.cluster.landed.get(signature), signature)
    },
  }
}

const messageOf = (bytes: Buffer): Buffer =>
  Buffer.from(VersionedTransaction.deserialize(new Uint8Array(bytes)).message.serialize())

function orderJson(
  quote: object,
  requestId: string,
  taker: string | null,
  built: ReturnType<typeof swapTransaction>,
): object {
  return {
    mode: 'ultra',
    ...quote,
    feeBps: 0,
    gasless: false,
    signatureFeeLamports: 5000,
    rentFeeLamports: 0,
    prioritizationFeeLamports: built?.priorityFee ?? 0,
    swapType: 'aggregator',
    router: 'metis',
    transaction: built?.base64 ?? null,
    requestId,
    totalTime: 1,
    ...(taker === null ? {} : { taker }),
    ...(built === undefined ? {} : { lastValidBlockHeight: String(built.lastValid) }),
  }
}

const failure = (code: number, error: string, signature?: string): Answer =>
  signature === undefined
    ? { status: 400, body: { code, error } }
    : { body: { status: 'Failed', slot: '0', signature, code, error } }

function executed(
  { quoted: { token, side, amount } }: Order,
  landed: Landed | undefined,
  signature: string,
): Answer {
  if (landed === undefined) return failure(-1000, 'Failed to land', signature)
  const slot = String(landed.slot)
  if (landed.error !== null) {
    const [, inner] = (landed.error as { InstructionError: [number, { Custom?: number }] })
      .InstructionError
    return {
      body: {
        status: 'Failed',
        signature,
        slot,
        code: inner.Custom ?? -1001,
        error: 'Slippage tolerance exceeded',
      },
    }
  }
  const vault = side === 'buy' ? token.tokenVault : token.solVault
  const i = landed.wire.keys.indexOf(vault.toBase58())
  const out = (landed.before[i]?.token?.amount ?? 0n) - (landed.after[i]?.token?.amount ?? 0n)
  const amounts = { inputAmountResult: String(amount), outputAmountResult: String(out) }
  return {
    body: {
      status: 'Success',
      signature,
      slot,
      code: 0,
      ...amounts,
      totalInputAmount: String(amount),
      totalOutputAmount: String(out),
      swapEvents: [],
    },
  }
}
