import { randomBytes } from 'node:crypto'
import { type WebSocket, WebSocketServer } from 'ws'
import { toBase58 } from '../../../lib/sources/decode/base58.ts'
import type { Cluster, Landed } from '../cluster.ts'
import { type Fault, type Faults, makeFaults } from '../faults.ts'
import { type Answer, bodyOf, listen, respond } from '../server.ts'
import type { Wire } from '../wire.ts'
import { METHODS } from './rpc-methods.ts'
import { RpcError, type View } from './rpc-view.ts'

/** Genesis of mainnet-beta: what a bot that trades real money expects. */
export const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'

/** A node in front of a cluster: JSON-RPC over HTTP and WebSocket on one loopback port. */
export interface RpcServer {
  url: string
  wsUrl: string
  faults: Faults
  /** Requests so far by method. */
  asked: Map<string, number>
  genesis: string
  identity: string
  /** Answer of getRecentPrioritizationFees, newest slot first, micro-lamports per compute unit. */
  priorityFees: number[]
  /** Answers a message without a socket in between, as its fault wants it. */
  answer(message: Message, fault: Fault | undefined): Answer
  /** Sockets stay open, and nothing comes any more. */
  mute(isMuted: boolean): void
  close(): void
}

export interface RpcOptions {
  /** How a transaction is made to fail in its block. */
  landFailing?: (wire: Wire) => void
}

export async function openRpc(cluster: Cluster, options: RpcOptions = {}): Promise<RpcServer> {
  const takeLater = laterLanding(cluster)
  const { server, url, close } = await listen(async (request, response) => {
    const message = JSON.parse(await bodyOf(request)) as Message
    const method = String(message.method)
    rpc.asked.set(method, (rpc.asked.get(method) ?? 0) + 1)
    const fault = rpc.faults.next(method)
    await respond(response, fault, () => rpc.answer(message, fault))
  })
  const sockets = openSockets(cluster, new WebSocketServer({ server }))
  const rpc: RpcServer = {
    url,
    wsUrl: url.replace('http', 'ws'),
    faults: makeFaults(),
    asked: new Map(),
    genesis: MAINNET,
    identity: toBase58(randomBytes(32)),
    priorityFees: Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? 0 : 1000 * (i % 50))),
    answer(message, fault) {
      const view = viewOf(cluster, rpc, fault)
      view.take = wire => {
        if (fault === 'drop') return
        if (fault === 'revert') return options.landFailing?.(wire)
        takeLater(wire, typeof fault === 'object' && 'delay' in fault ? fault.delay : 0)
      }
      return answerTo(view, message)
    },
    mute: sockets.mute,
    close() {
      sockets.close()
      close()
    },
  }
  return rpc
}

export interface Message {
  id: unknown
  method: string
  params?: any[]
}

/** What cannot be in a block now (blockhash unknown or expired) is dropped, and nobody is told. */
function laterLanding(cluster: Cluster): (wire: Wire, blocks: number) => void {
  let waiting: { wire: Wire; height: number }[] = []
  const land = (wire: Wire): void => {
    const lastValid = cluster.lastValid(wire.blockhash)
    if (lastValid !== undefined && lastValid >= cluster.height()) cluster.land(wire)
  }
  cluster.onChange(landed => {
    if (landed !== undefined) return
    const due = waiting.filter(each => each.height <= cluster.height())
    waiting = waiting.filter(each => each.height > cluster.height())
    for (const { wire } of due) land(wire)
  })
  return (wire, blocks) =>
    blocks === 0 ? land(wire) : void waiting.push({ wire, height: cluster.height() + blocks })
}

function viewOf(cluster: Cluster, rpc: RpcServer, fault: View['fault']): View {
  const lag = typeof fault === 'object' && 'lag' in fault ? fault.lag : 0
  const slot = cluster.slot() - lag
  return {
    cluster,
    fault,
    lag,
    slot,
    genesis: rpc.genesis,
    identity: rpc.identity,
    priorityFees: rpc.priorityFees,
    height: commitment => Math.max(0, cluster.height(commitment) - lag),
    timeOf: of => Math.floor(cluster.now() / 1000 - (cluster.slot() - of) * 0.4),
    find(signature) {
      const landed = cluster.landed.get(signature)
      return landed === undefined || landed.slot > slot ? undefined : landed
    },
    take: () => undefined,
  }
}

function answerTo(view: View, { id, method, params = [] }: Message): Answer {
  try {
    const { fault } = view
    if (typeof fault === 'object' && 'error' in fault)
      throw new RpcError(fault.error.code, fault.error.message, fault.error)
    const work = METHODS[method]
    if (work === undefined) throw new RpcError(-32601, 'Method not found')
    return { body: { jsonrpc: '2.0', id, result: work(view, params[0], params[1], params[2]) } }
  } catch (error) {
    const { code = -32603, message, data } = error as Partial<RpcError>
    return {
      body: {
        jsonrpc: '2.0',
        id,
        error: { code, message, ...(data === undefined ? {} : { data }) },
      },
    }
  }
}

interface Subscription {
  socket: WebSocket
  method: string
  params: any[]
}

const NEEDED: Record<string, number> = { processed: 0, confirmed: 1, finalized: 32 }

function openSockets(cluster: Cluster, sockets: WebSocketServer) {
  const subscriptions = new Map<number, Subscription>()
  let nextId = 1
  let isMuted = false
  const say = (socket: WebSocket, message: object): void => {
    if (!isMuted) socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }))
  }
  const notify = (id: number, { socket, method }: Subscription, value: object): void => {
    const context = { slot: cluster.slot() }
    const result = method === 'slotSubscribe' ? value : { context, value }
    say(socket, {
      method: method.replace('Subscribe', 'Notification'),
      params: { subscription: id, result },
    })
  }
  /** A signature’s subscription ends with its one notice. */
  const signatures = (): void => {
    for (const [id, each] of subscriptions) {
      if (each.method !== 'signatureSubscribe') continue
      const landed = cluster.landed.get(each.params[0])
      const needed = NEEDED[each.params[1]?.commitment ?? 'finalized'] ?? 32
      if (landed === undefined || cluster.slot() - landed.slot < needed) continue
      notify(id, each, { err: landed.error })
      subscriptions.delete(id)
    }
  }
  const logs = ({ wire, error, logs }: Landed): void => {
    for (const [id, each] of subscriptions) {
      const [filter] = each.params
      const isWanted = filter === 'all' || wire.keys.includes(filter?.mentions?.[0])
      if (each.method === 'logsSubscribe' && isWanted)
        notify(id, each, { signature: wire.signature, err: error, logs })
    }
  }
  cluster.onChange(landed => {
    if (landed !== undefined) logs(landed)
    signatures()
    const slot = cluster.slot()
    for (const [id, each] of subscriptions)
      if (landed === undefined && each.method === 'slotSubscribe')
        notify(id, each, { slot, parent: slot - 1, root: slot - 32 })
  })
  sockets.on('connection', socket => {
    socket.on('message', raw => {
      const { id, method, params = [] } = JSON.parse(String(raw)) as Message
      if (method === 'ping') return
      const isEnd = method.endsWith('Unsubscribe')
      if (isEnd) subscriptions.delete(params[0])
      else subscriptions.set(nextId, { socket, method, params })
      say(socket, { id, result: isEnd ? true : nextId++ })
      signatures()
    })
    socket.on('close', () => {
      for (const [id, each] of subscriptions) if (each.socket === socket) subscriptions.delete(id)
    })
  })
  return {
    mute: (to: boolean) => void (isMuted = to),
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
