import { DataError } from '../../errors.ts'
import { parseJson } from '../net/json.ts'

/** What a message of the node means to us. */
export type Notice =
  | { kind: 'slot' }
  | { kind: 'logs'; address: string; slot: number; signature: string; failed: boolean; logs: unknown[] }
  | { kind: 'refused'; reason: string }
  | { kind: 'other' }

type Send = (message: unknown) => void

/**
 * Subscriptions over one socket at a time: which addresses are wanted, and which number the node gave each. `logsSubscribe`
 * takes one address, so each has its own; slots come along as the heartbeat.
 */
export function makeSubscriptions() {
  const wanted = new Set<string>()
  const asked = new Map<number, string>()
  const numbers = new Map<number, string>()
  let send: Send | undefined
  let id = 0
  const ask = (method: string, params: unknown[]): number => {
    id++
    send?.({ jsonrpc: '2.0', id, method, params })
    return id
  }
  const subscribe = (address: string): void => {
    if (send === undefined) return
    asked.set(ask('logsSubscribe', [{ mentions: [address] }, { commitment: 'confirmed' }]), address)
  }
  return {
    /** A socket has opened: everything is asked for again. */
    open(to: Send): void {
      send = to
      asked.clear()
      numbers.clear()
      ask('slotSubscribe', [])
      for (const address of wanted) subscribe(address)
    },
    close(): void {
      send = undefined
    },
    want(address: string): void {
      if (wanted.has(address)) return
      wanted.add(address)
      subscribe(address)
    },
    drop(address: string): void {
      wanted.delete(address)
      for (const [number, of] of numbers) {
        if (of !== address) continue
        numbers.delete(number)
        ask('logsUnsubscribe', [number])
      }
    },
    /** Throws a DataError for bytes that are no message. */
    read(data: Buffer): Notice {
      const message = parseJson(data) as Record<string, unknown> | null
      if (typeof message !== 'object' || message === null) throw new DataError('rpc: a message that is no object')
      if (message.method === 'slotNotification') return { kind: 'slot' }
      if (message.method === 'logsNotification') return logsNotice(message.params, numbers)
      const address = typeof message.id === 'number' ? asked.get(message.id) : undefined
      if (address === undefined) return { kind: 'other' }
      asked.delete(message.id as number)
      if (typeof message.result !== 'number') return { kind: 'refused', reason: `logs of ${address} are refused` }
      numbers.set(message.result, address)
      return { kind: 'other' }
    },
    size: () => wanted.size,
  }
}
export type Subscriptions = ReturnType<typeof makeSubscriptions>

/** A node’s placeholder for the signature of a transaction without one. */
const NO_SIGNATURE = '1'.repeat(64)

function logsNotice(params: unknown, numbers: ReadonlyMap<number, string>): Notice {
  const { subscription, result } = (params ?? {}) as { subscription?: unknown; result?: unknown }
  const { context, value } = (result ?? {}) as { context?: { slot?: unknown }; value?: Record<string, unknown> }
  const address = numbers.get(subscription as number)
  const slot = context?.slot
  const { signature, err, logs } = value ?? {}
  if (address === undefined) return { kind: 'other' }
  if (typeof slot !== 'number' || typeof signature !== 'string' || !Array.isArray(logs))
    return { kind: 'refused', reason: 'logs without slot, signature or lines' }
  if (signature === NO_SIGNATURE) return { kind: 'other' }
  return { kind: 'logs', address, slot, signature, failed: err !== null && err !== undefined, logs }
}
