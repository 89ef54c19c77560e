import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { makeRng } from '../../lib/base/rng.ts'
import type { Rec } from '../../lib/records/record.ts'
import { fromBase58 } from '../../lib/sources/decode/base58.ts'
import { bool, discriminator, i64, u64 } from '../lib/sources/decode/bytes.ts'
import { data, inFrame, PROGRAMS } from '../lib/sources/decode/fixtures.ts'

export interface Transaction {
  signature: string
  slot: number
  blockTime: number
  logs: string[]
  failed: boolean
  mentions: string[]
  /** The node announces it and knows its signature, but cannot give it. */
  missing?: boolean
  /** What getTransaction answers, where it is more than the log. */
  json?: () => object
}

/** A trade of the simulated market as a pump.fun transaction. */
export function pumpTransaction(rec: Rec, curve: string): Transaction {
  const { trade, mint = '', slot = 0, ts } = rec
  const event = Buffer.concat([
    discriminator('event', 'TradeEvent'),
    ...[
      fromBase58(mint),
      u64(BigInt(trade?.quoteAmount ?? 0)),
      u64(BigInt(trade?.baseAmount ?? 0)),
    ],
    ...[bool(trade?.side === 'buy'), fromBase58(trade?.wallet ?? ''), i64(Math.floor(ts / 1000))],
    ...[u64(BigInt(trade?.quoteReserveAmount ?? 0)), u64(BigInt(trade?.baseReserveAmount ?? 0))],
  ])
  const logs = inFrame(PROGRAMS['pump.fun'], 'Program log: Instruction: Buy', data(event))
  const blockTime = Math.floor(ts / 1000)
  return {
    signature: trade?.signature ?? '',
    slot,
    blockTime,
    logs,
    failed: false,
    mentions: [mint, curve],
  }
}

interface Account {
  owner: string
  data: Buffer
}

/**
 * A Solana node on the loopback: JSON-RPC and subscriptions, and the ways in which real ones fail.
 */
export interface Node {
  url: string
  accounts: Map<string, Account>
  /** Takes a transaction in and tells subscribers `times` times. */
  land(transaction: Transaction, times?: number): void
  /** An account is as given from now on; subscribers are told. */
  change(address: string, account: Account): void
  /** Chance that a question over HTTP goes wrong. */
  trouble: number
  /** Says bytes to every socket, as they are. */
  say(bytes: Buffer | string): void
  /** Half-open: sockets stay, nothing comes any more. */
  mute(): void
  /** All sockets are cut. */
  cut(): void
  sockets(): number
  subscriptions(): number
  /** Addresses whose logs are subscribed to. */
  listened(): string[]
  asked: Map<string, number>
  close(): void
}

const MAX_LEDGER = 60_000

interface Subscription {
  socket: WebSocket
  kind: string
  /** Of logs and accounts, and the program of those of a program. */
  address: string | undefined
  filters: Filter[]
  id: number
}

/** A node’s own way to filter accounts (docs of programSubscribe). */
type Filter = { dataSize: number } | { memcmp: { offset: number; bytes: string } }
const passes = (data: Buffer, filters: readonly Filter[]): boolean =>
  filters.every(filter => {
    if ('dataSize' in filter) return data.length === filter.dataSize
    const wanted = fromBase58(filter.memcmp.bytes, 128)
    return data.subarray(filter.memcmp.offset, filter.memcmp.offset + wanted.length).equals(wanted)
  })

/** Mainnet’s, as agave has it (MAINNET_GENESIS_HASH). */
export const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'

/** Ways in which an answer of a node goes wrong. */
const TROUBLES = [
  { status: 429, body: '{"code":429,"message":"Too many requests"}' },
  { status: 503, body: '<html>' },
  {
    status: 200,
    body: '{"jsonrpc":"2.0","error":{"code":-32005,"message":"Node is behind by 42 slots"},"id":1}',
  },
  { status: 200, body: '{"jsonrpc":"2.0","resu' },
]

export async function openNode(slotMs = 20, genesis = MAINNET): Promise<Node> {
  const rng = makeRng('node')
  const ledger: Transaction[] = []
  const bySignature = new Map<string, Transaction>()
  const accounts = new Map<string, Account>()
  const asked = new Map<string, number>()
  let subscriptions: Subscription[] = []
  let slot = 1
  let nextId = 1
  const muted = new WeakSet<WebSocket>()

  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { id, method, params } = JSON.parse(body)
    asked.set(method, (asked.get(method) ?? 0) + 1)
    if (rng.next() < node.trouble) {
      const { status, body: wrong } = TROUBLES[rng.below(TROUBLES.length)]!
      return void response
        .writeHead(status, status === 429 ? { 'retry-after': '0' } : {})
        .end(wrong)
    }
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...reply(method, params) }))
  })
  const reply = (method: string, [first, second]: any[] = []): object => {
    if (method === 'getMultipleAccounts') {
      const value = first.map((key: string) => {
        const account = accounts.get(key)
        return account === undefined
          ? null
          : { owner: account.owner, data: [account.data.toString('base64'), 'base64'] }
      })
      return { result: { context: { slot }, value } }
    }
    if (method === 'getSignaturesForAddress') return { result: signaturesOf(first, second) }
    if (method === 'getTransaction') return { result: transactionJson(first) }
    if (method === 'getGenesisHash') return { result: genesis }
    return { error: { code: -32010, message: `${method} is excluded` } }
  }
  const signaturesOf = (
    address: string,
    range: { until?: string; before?: string; limit: number },
  ): object[] => {
    const rows = ledger.filter(({ mentions }) => mentions.includes(address)).reverse()
    const from =
      range.before === undefined
        ? 0
        : rows.findIndex(({ signature }) => signature === range.before) + 1
    const until = rows.findIndex(({ signature }) => signature === range.until)
    return rows
      .slice(from, until < 0 ? undefined : until)
      .slice(0, range.limit)
      .map(({ signature, failed, blockTime, ...row }) => ({
        signature,
        slot: row.slot,
        err: failed ? {} : null,
        blockTime,
      }))
  }
  const transactionJson = (signature: string): object | null => {
    const found = bySignature.get(signature)
    if (found === undefined || found.missing) return null
    if (found.json !== undefined) return found.json()
    const meta = {
      err: found.failed ? {} : null,
      logMessages: found.logs,
      innerInstructions: [],
      loadedAddresses: {},
    }
    const transaction = { message: { accountKeys: [], instructions: [] } }
    return { slot: found.slot, blockTime: found.blockTime, version: 1, meta, transaction }
  }

  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => {
    socket.on('message', raw => {
      const { id, method, params } = JSON.parse(String(raw))
      const number = nextId++
      const kind = /^(\w+)Subscribe$/.exec(method)?.[1]
      const [first, second] = params
      if (kind !== undefined) {
        const address = kind === 'slot' ? undefined : kind === 'logs' ? first.mentions[0] : first
        subscriptions.push({ socket, kind, address, filters: second?.filters ?? [], id: number })
      }
      if (method.endsWith('Unsubscribe'))
        subscriptions = subscriptions.filter(each => each.id !== first)
      say(socket, { jsonrpc: '2.0', result: number, id })
    })
    socket.on('close', () => {
      subscriptions = subscriptions.filter(each => each.socket !== socket)
    })
  })
  const say = (socket: WebSocket, message: object): void => {
    if (!muted.has(socket)) socket.send(JSON.stringify(message))
  }
  const clock = setInterval(() => {
    slot++
    for (const { socket, kind, id } of subscriptions)
      if (kind === 'slot')
        notify(socket, 'slotNotification', id, { slot, parent: slot - 1, root: slot - 32 })
  }, slotMs)
  const notify = (socket: WebSocket, method: string, subscription: number, result: object): void =>
    say(socket, { jsonrpc: '2.0', method, params: { result, subscription } })

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const raw = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket
  const node: Node = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accounts,
    asked,
    land(transaction, times = 1) {
      ledger.push(transaction)
      bySignature.set(transaction.signature, transaction)
      // A node keeps its ledger for some time only.
      if (ledger.length > MAX_LEDGER)
        for (const { signature } of ledger.splice(0, MAX_LEDGER / 2)) bySignature.delete(signature)
      const { signature, failed, logs } = transaction
      const result = {
        context: { slot: transaction.slot },
        value: { signature, err: failed ? {} : null, logs },
      }
      for (const { socket, kind, address = '', id } of subscriptions)
        if (kind === 'logs' && transaction.mentions.includes(address))
          for (let i = 0; i < times; i++) notify(socket, 'logsNotification', id, result)
    },
    change(address, { owner, data }) {
      accounts.set(address, { owner, data })
      const account = {
        owner,
        data: [data.toString('base64'), 'base64'],
        lamports: 1,
        executable: false,
        space: data.length,
      }
      for (const { socket, kind, address: of, filters, id } of subscriptions) {
        const context = { slot }
        if (kind === 'account' && of === address)
          notify(socket, 'accountNotification', id, { context, value: account })
        if (kind === 'program' && of === owner && passes(data, filters))
          notify(socket, 'programNotification', id, {
            context,
            value: { pubkey: address, account },
          })
      }
    },
    trouble: 0,
    say(bytes) {
      for (const socket of sockets.clients) if (!muted.has(socket)) socket.send(bytes)
    },
    mute() {
      for (const socket of sockets.clients) {
        muted.add(socket)
        raw(socket).pause()
      }
    },
    cut() {
      for (const socket of sockets.clients) raw(socket).destroy()
    },
    sockets: () => [...sockets.clients].filter(socket => !muted.has(socket)).length,
    subscriptions: () =>
      subscriptions.filter(({ socket, kind }) => kind === 'logs' && !muted.has(socket)).length,
    listened: () =>
      subscriptions.flatMap(({ kind, address }) => (kind === 'logs' ? (address ?? []) : [])),
    close() {
      clearInterval(clock)
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
    },
  }
  return node
}
