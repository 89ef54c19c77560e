import { DataError } from '../../base/errors.ts'
import { makeRng, type Rng } from '../../base/rng.ts'
import { isAddress } from '../decode/base58.ts'
import { parseJson } from '../net/json.ts'
import { accountOf, type RpcAccount } from './client.ts'
import { makePatience } from './patience.ts'
import type { PoolFilter } from './program-filters.ts'

/**
 * What is subscribed to: logs that mention an address, every change of an account, or of a
 * program’s accounts that fit.
 */
export type Want =
  | { kind: 'logs'; address: string }
  | { kind: 'account'; address: string }
  | { kind: 'program'; filter: PoolFilter }

/** What a message of the node means to us. */
export type Notice =
  | { kind: 'slot'; slot?: number }
  | {
      kind: 'logs'
      address: string
      slot: number
      signature: string
      failed: boolean
      logs: unknown[]
    }
  | { kind: 'account'; address: string; slot: number; account: RpcAccount; isPool: boolean }
  /** `want` is what the node does not tell of, where it refuses a subscription. */
  | { kind: 'refused'; reason: string; want?: Want }
  /** The node tells of this from now on. */
  | { kind: 'subscribed'; want: Want }
  | { kind: 'other' }

type Send = (message: unknown) => void

/** A subscription that was asked for, and since when nobody answers. */
interface Asked {
  want: Want
  at?: number
}

/** A node answers at once; one that does not has forgotten. */
const UNANSWERED_MS = 10_000

const CONFIRMED = { commitment: 'confirmed' }
const nameOf = (want: Want): string =>
  want.kind === 'program' ? `program ${want.filter.name}` : `${want.kind} ${want.address}`

/**
 * Parameters of the call that subscribes. `logsSubscribe` takes one address, so each has its own.
 */
function paramsOf(want: Want): unknown[] {
  if (want.kind === 'logs') return [{ mentions: [want.address] }, CONFIRMED]
  if (want.kind === 'account') return [want.address, { ...CONFIRMED, encoding: 'base64' }]
  const { program, filters } = want.filter
  return [program, { ...CONFIRMED, encoding: 'base64', filters }]
}

/** What subscriptions over one socket know. */
interface State {
  wanted: Map<string, Want>
  asked: Map<number, Asked>
  /** By the number that the node gave. */
  numbers: Map<number, Want>
  /** Refused or not answered: each is asked for again after pauses of its own. */
  refused: Map<string, Want>
  patience: ReturnType<typeof makePatience>
  send: Send | undefined
  id: number
}

function ask(state: State, method: string, params: unknown[]): number {
  state.id++
  state.send?.({ jsonrpc: '2.0', id: state.id, method, params })
  return state.id
}

function subscribe(state: State, want: Want): void {
  if (state.send !== undefined)
    state.asked.set(ask(state, `${want.kind}Subscribe`, paramsOf(want)), { want })
}

function unsubscribe(state: State, want: Want): void {
  for (const [number, of] of state.numbers) {
    if (nameOf(of) !== nameOf(want)) continue
    state.numbers.delete(number)
    ask(state, `${of.kind}Unsubscribe`, [number])
  }
}

function answered(state: State, want: Want, result: unknown): Notice {
  const name = nameOf(want)
  const isWanted = state.wanted.has(name)
  if (typeof result !== 'number') {
    if (isWanted) state.refused.set(name, want)
    return { kind: 'refused', reason: `${name} is refused`, want }
  }
  state.patience.succeeded(name)
  // Given up before the node had answered.
  if (isWanted) state.numbers.set(result, want)
  else ask(state, `${want.kind}Unsubscribe`, [result])
  return isWanted ? { kind: 'subscribed', want } : { kind: 'other' }
}

/**
 * Asks again for what was refused and for what nobody answered, each after growing pauses. Gives
 * back what nobody answered.
 */
function askAgain(state: State, now: number): Want[] {
  const { asked, wanted, refused, patience } = state
  const unanswered: Want[] = []
  for (const [number, each] of asked) {
    each.at ??= now
    if (now - each.at < UNANSWERED_MS) continue
    asked.delete(number)
    if (!wanted.has(nameOf(each.want))) continue
    refused.set(nameOf(each.want), each.want)
    unanswered.push(each.want)
  }
  for (const [name, want] of refused) {
    if (!patience.isWaiting(name)) patience.failed(name, now)
    if (!patience.isDue(name, now)) continue
    patience.again(name)
    refused.delete(name)
    subscribe(state, want)
  }
  return unanswered
}

/**
 * Subscriptions over one socket at a time: what is wanted, and which number the node gave each.
 * Slots come along as the heartbeat.
 */
export function makeSubscriptions(rng: Rng = makeRng('subscriptions')) {
  const state: State = {
    wanted: new Map(),
    asked: new Map(),
    numbers: new Map(),
    refused: new Map(),
    patience: makePatience(rng),
    send: undefined,
    id: 0,
  }
  const { wanted, asked, numbers, refused } = state
  return {
    /** A socket has opened: everything is asked for again. */
    open(to: Send): void {
      state.send = to
      for (const each of [asked, numbers, refused]) each.clear()
      ask(state, 'slotSubscribe', [])
      for (const want of wanted.values()) subscribe(state, want)
    },
    close(): void {
      state.send = undefined
    },
    want(want: Want): void {
      if (wanted.has(nameOf(want))) return
      wanted.set(nameOf(want), want)
      subscribe(state, want)
    },
    drop(want: Want): void {
      wanted.delete(nameOf(want))
      refused.delete(nameOf(want))
      unsubscribe(state, want)
    },
    /** Gives a subscription up that has gone silent, and makes it anew. */
    renew(want: Want): void {
      if (!wanted.has(nameOf(want))) return
      unsubscribe(state, want)
      subscribe(state, want)
    },
    /** Asks again, at `now` (ms UTC), for what was refused; gives back what was not answered. */
    askAgain: (now: number): Want[] => askAgain(state, now),
    /** Throws a DataError for bytes that are no message. */
    read(data: Buffer): Notice {
      const message = objectIn(data)
      if (message.method === 'slotNotification') return slotNotice(message.params)
      if (message.params !== undefined) return noticeOf(message.params, numbers)
      const known = typeof message.id === 'number' ? asked.get(message.id) : undefined
      if (known === undefined) return { kind: 'other' }
      asked.delete(message.id as number)
      return answered(state, known.want, message.result)
    },
    size: () => wanted.size,
  }
}
export type Subscriptions = ReturnType<typeof makeSubscriptions>

function objectIn(data: Buffer): Record<string, unknown> {
  const message = parseJson(data) as Record<string, unknown> | null
  if (typeof message !== 'object' || message === null)
    throw new DataError('a message that is no object')
  return message
}

/** A sign of life, with the newest slot where it is told. */
function slotNotice(params: unknown): Notice {
  const { slot } = ((params as { result?: unknown } | null)?.result ?? {}) as { slot?: unknown }
  return { kind: 'slot', ...(typeof slot === 'number' && slot > 0 ? { slot } : {}) }
}

interface Result {
  context?: { slot?: unknown } | null
  value?: Record<string, unknown> | null
}

/** A notification by the subscription that it belongs to; its shape is not believed. */
function noticeOf(params: unknown, numbers: ReadonlyMap<number, Want>): Notice {
  const { subscription, result } = (params ?? {}) as {
    subscription?: unknown
    result?: Result | null
  }
  const want = numbers.get(subscription as number)
  if (want === undefined) return { kind: 'other' }
  const slot = result?.context?.slot
  const value = result?.value
  if (
    typeof slot !== 'number' ||
    !Number.isSafeInteger(slot) ||
    typeof value !== 'object' ||
    value === null
  )
    return { kind: 'refused', reason: `${want.kind} without slot or value` }
  if (want.kind === 'logs') return logsNotice(want.address, slot, value)
  const [address, account] =
    want.kind === 'account' ? [want.address, value] : [value.pubkey, value.account]
  const read = accountOf(account)
  if (!isAddress(address) || read === undefined)
    return { kind: 'refused', reason: `${want.kind} without address or base64 data` }
  return { kind: 'account', address, slot, account: read, isPool: want.kind === 'program' }
}

/** A node’s placeholder for the signature of a transaction without one. */
const NO_SIGNATURE = '1'.repeat(64)

function logsNotice(
  address: string,
  slot: number,
  { signature, err, logs }: Record<string, unknown>,
): Notice {
  if (typeof signature !== 'string') return { kind: 'refused', reason: 'logs without signature' }
  if (signature === NO_SIGNATURE) return { kind: 'other' }
  const failed = err !== null && err !== undefined
  // Without its lines a transaction is fetched.
  return { kind: 'logs', address, slot, signature, failed, logs: Array.isArray(logs) ? logs : [] }
}
