import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import type { Time } from '../net/budget.ts'
import type { Http } from '../net/http.ts'
import type { Complaints } from '../net/outside.ts'
import type { Call, Provider } from '../providers/provider.ts'

/** What the live part knows of the outside. */
export interface Outside {
  http: Http
  time: Time
  complain: Complaints
  /** Base URLs that replace a provider’s own. */
  bases: ReadonlyMap<string, string>
  /** Keys by provider. */
  keys: ReadonlyMap<string, string>
  warn(text: string): void
}

/** A stretch in which a provider did not answer, known once it answers again. */
interface Outage {
  fromAt: number
  untilAt: number
  reason: string
}

export interface Asker {
  /** The reading of an answer; undefined when there was none. Never throws but for the signal. */
  ask<T>(provider: Provider, call: Call<T>, signal: AbortSignal): Promise<T | undefined>
}

interface Health {
  okAt: number
  reason: string | undefined
}

/**
 * Asks providers; failures become outages, bodies that cannot be read complaints. The run goes on
 * in any case.
 */
export function makeAsker(
  outside: Outside,
  onBack: (provider: string, outage: Outage) => void,
): Asker {
  const { http, time, complain, bases, keys } = outside
  const health = new Map<string, Health>()
  const answered = (name: string): void => {
    const before = health.get(name)
    const now = time.now()
    if (before?.reason !== undefined)
      onBack(name, { fromAt: before.okAt, untilAt: now, reason: before.reason })
    health.set(name, { okAt: now, reason: undefined })
  }
  const silent = (name: string, reason: string): void => {
    const before = health.get(name)
    if (before?.reason === undefined) outside.warn(`${name} does not answer: ${reason}`)
    health.set(name, { okAt: before?.okAt ?? time.now(), reason })
  }
  return {
    async ask(provider, call, signal) {
      const { name } = provider
      try {
        const answer = await http.ask(request(provider, call, bases, keys), signal)
        answered(name)
        if (answer.status < 400 || (answer.status === 400 && call.reads400))
          return call.read(answer.body, time.now(), complain)
        // No such token or no route are answers; the rest is worth a word.
        if (answer.status !== 404) complain.rejected(`${name}: status ${answer.status}`)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof TemporaryError) silent(name, messageOf(error))
        else if (error instanceof DataError) complain.rejected(messageOf(error))
        else throw error
      }
      return undefined
    },
  }
}

/** A call as a question to the host. */
export function request(
  { name, base, key, headers }: Provider,
  { path, limit, priority = 'normal', body }: Call<unknown>,
  bases: ReadonlyMap<string, string>,
  keys: ReadonlyMap<string, string>,
) {
  const url = new URL((bases.get(name) ?? base) + path)
  const value = keys.get(name)
  return {
    provider: name,
    url,
    priority,
    limit:
      value === undefined || key?.perMinute === undefined
        ? limit
        : { ...limit, perMinute: key.perMinute },
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(key === undefined || value === undefined ? {} : { key: { header: key.header, value } }),
  }
}
