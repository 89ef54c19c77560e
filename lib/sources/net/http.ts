import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import { redact } from './api-key.ts'
import type { Limit, Priority } from './bucket.ts'
import type { Budget, Time } from './budget.ts'
import { parseJson } from './json.ts'

/** One question to a host. */
export interface Ask {
  /** Who answers, for messages and counts: `dexscreener`. */
  provider: string
  url: URL
  limit: Limit
  priority?: Priority
  /** Sent in this header; part of the budget’s identity; never shown. */
  key?: { header: string; value: string }
  /** Whose calls these are, where the address itself tells (a key in its path); never shown. */
  account?: string
  headers?: Record<string, string>
  /** A JSON body makes it a POST. */
  body?: unknown
  maxBytes?: number
  timeoutMs?: number
}

export interface Answer {
  status: number
  body: unknown
  /** The host’s clock, ms UTC, where it tells. */
  date: number | undefined
  /** Calls that it says are left. */
  left: number | undefined
}

export interface Http {
  /**
   * Asks until there is an answer: any status but 429 and 5xx. Throws a TemporaryError when the
   * host keeps failing, a DataError for an answer that is too large, not UTF-8 or not JSON, and the
   * signal’s reason.
   */
  ask(ask: Ask, signal: AbortSignal): Promise<Answer>
}

interface HttpOptions {
  budget: Budget
  time: Time
  count(what: string, by?: number): void
  /** Tries before giving up. */
  tries?: number
  /** Longest wait for a turn. */
  maxWaitMs?: number
}

const MAX_BYTES = 8 * 2 ** 20
const TIMEOUT_MS = 15_000

/**
 * The one way out over HTTP: within the budget, bounded in time and size, with keys kept out of
 * everything shown.
 */
export function makeHttp({ budget, time, count, tries = 4, maxWaitMs }: HttpOptions): Http {
  return {
    async ask(ask, signal) {
      const { provider, url, limit, priority = 'normal', key } = ask
      const identity = key?.value ?? ask.account ?? ''
      for (let left = tries; ; left--) {
        const askedAt = time.now()
        await budget.turn(url.host, identity, limit, { priority, maxWaitMs }, signal)
        const waited = time.now() - askedAt
        if (waited > 0) count(`${provider} ms waited`, Math.round(waited))
        count(`${provider} calls`)
        const tried = await once(ask, signal, time.now(), bytes =>
          count(`${provider} bytes`, bytes),
        )
        if ('answer' in tried) {
          await budget.succeeded(url.host, identity)
          if (tried.error !== undefined) throw tried.error
          return tried.answer
        }
        count(tried.isLimit ? `${provider} limited` : `${provider} failed`)
        if (tried.isLimit) await budget.limited(url.host, identity, tried.retryAt)
        else await budget.failed(url.host, identity)
        signal.throwIfAborted()
        if (left <= 1) throw new TemporaryError(`${provider}: ${redact(tried.reason, [identity])}`)
      }
    },
  }
}

type Tried =
  | { answer: Answer; error?: DataError }
  | { isLimit: boolean; retryAt: number | undefined; reason: string }

/**
 * One try. Failures of host and network are a value: they are retried; so is anything else only on
 * the outside.
 */
async function once(
  ask: Ask,
  signal: AbortSignal,
  now: number,
  took: (bytes: number) => void,
): Promise<Tried> {
  const { url, key, body, provider, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = ask
  const headers: Record<string, string> = { accept: 'application/json', ...ask.headers }
  if (key !== undefined) headers[key.header] = key.value
  if (body !== undefined) headers['content-type'] = 'application/json'
  const init = {
    headers,
    redirect: 'error' as const,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }
  try {
    const response = await fetch(
      url,
      body === undefined ? init : { ...init, method: 'POST', body: JSON.stringify(body) },
    )
    const { status } = response
    const header = (name: string): string | null => response.headers.get(name)
    if (status === 429 || status >= 500) {
      await response.body?.cancel()
      return {
        isLimit: status === 429,
        retryAt: retryAt(header, now),
        reason: `${url.host} answered ${status}`,
      }
    }
    const date = Date.parse(header('date') ?? '')
    const left = /^-?\d{1,9}$/.exec(header('x-ratelimit-remaining') ?? '')?.[0]
    const answer = {
      status,
      body: undefined as unknown,
      date: Number.isNaN(date) ? undefined : date,
      left: left === undefined ? undefined : Math.max(0, Number(left)),
    }
    return await withBody(answer, response, { maxBytes, provider, took })
  } catch (error) {
    signal.throwIfAborted()
    return { isLimit: false, retryAt: undefined, reason: `${url.host}: ${networkReason(error)}` }
  }
}

interface Reading {
  maxBytes: number
  provider: string
  /** Told of bytes of the body as they come. */
  took(bytes: number): void
}

async function withBody(
  answer: Answer,
  response: Response,
  { maxBytes, provider, took }: Reading,
): Promise<Tried> {
  const bytes = await bounded(response, maxBytes, took)
  if (bytes === undefined)
    return { answer, error: new DataError(`${provider}: answer of more than ${maxBytes} bytes`) }
  try {
    answer.body = bytes.length === 0 ? undefined : parseJson(bytes)
    return { answer }
  } catch (error) {
    // The reason a client error gives may well be a page of HTML.
    if (answer.status >= 400) return { answer }
    return { answer, error: new DataError(`${provider}: ${messageOf(error)}`) }
  }
}

/** The body, or undefined when it is larger than allowed; what is too much is never held. */
async function bounded(
  response: Response,
  maxBytes: number,
  took: (bytes: number) => void,
): Promise<Buffer | undefined> {
  if (response.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    took(chunk.length)
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function networkReason(error: unknown): string {
  const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException }
  if (name === 'TimeoutError') return 'no answer in time'
  return cause?.code ?? cause?.message ?? (error as Error).message
}

/** Seconds since 1970 are larger than this; smaller numbers are seconds from now. */
const EPOCH = 1_000_000_000

/**
 * When a host wants to be asked again, ms UTC: `Retry-After` in seconds or as a date (RFC 9110
 * §10.2.3), else `x-ratelimit-reset` in seconds since 1970 or from now. Undefined when it does not
 * say, or nothing that makes sense.
 */
export function retryAt(header: (name: string) => string | null, now: number): number | undefined {
  const after = header('retry-after')
  if (after !== null) return fromNumber(after, now) ?? fromDate(after)
  const reset = header('x-ratelimit-reset')
  return reset === null ? undefined : fromNumber(reset, now)
}

function fromNumber(text: string, now: number): number | undefined {
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text.trim())) return undefined
  const value = Number(text)
  return value > EPOCH ? value * 1000 : now + value * 1000
}

function fromDate(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
