import { DataError, show } from '../../../../base/errors.ts'
import { isAddress } from '../../../../sources/decode/base58.ts'
import type { Answer, Http } from '../../../../sources/net/http.ts'
import { amountAt, bytesAt, countAt, type Json, objectAt } from '../../chain/foreign-json.ts'
import type { SwapAsk, SwapQuote } from '../swapper.ts'

/** Where Jupiter is and who asks. */
export interface JupiterAt {
  http: Pick<Http, 'ask'>
  base: string
  key: string | undefined
  wallet: string
  perMinute: number
  timeoutMs: number
}

/** Version 1 transactions may be 4096 bytes; what is larger is no transaction. */
const MAX_TX = 4096

/** Asks Jupiter. The key goes into a header and nowhere else. */
export function askJupiter(
  at: JupiterAt,
  path: string,
  body: unknown,
  signal: AbortSignal,
  timeoutMs = at.timeoutMs,
) {
  const limit = { perMinute: at.perMinute, burst: Math.max(5, Math.ceil(at.perMinute / 6)) }
  return at.http.ask(
    {
      provider: 'jupiter',
      url: new URL(at.base + path),
      limit,
      priority: 'high',
      timeoutMs,
      ...(at.key !== undefined && { key: { header: 'x-api-key', value: at.key } }),
      ...(body !== undefined && { body }),
    },
    signal,
  )
}

/** The parameters that quotes of both versions share. */
export const quoteParams = ({ inMint, outMint, amount, slippageBps }: SwapAsk): string =>
  `inputMint=${inMint}&outputMint=${outMint}&amount=${amount}&slippageBps=${slippageBps}`

/**
 * Words by which Jupiter says that nobody trades this now. Young tokens have no route in their
 * first seconds.
 */
const NO_ROUTE =
  /no.?route|could.?not.?find.?any.?route|not.?tradable|route.?not.?found|failed to get quotes/i

/**
 * Body of an answer; undefined when it says that there is no route, a DataError for any other
 * refusal.
 */
export function bodyOf({ status, body }: Answer, what: string): Json | undefined {
  const found = objectAt(body, what)
  const { errorCode, error, errorMessage } = found
  const said = [errorCode, error, errorMessage].filter(word => typeof word === 'string').join(' ')
  if (NO_ROUTE.test(said)) return undefined
  if (status >= 400 || errorCode !== undefined || said !== '')
    throw new DataError(`${what}: status ${status} ${show(said === '' ? errorCode : said, 120)}`)
  return found
}

/**
 * A quote that is for what was asked. A DataError for other mints, another amount, or amounts that
 * cannot be.
 */
export function quoteFrom(body: Json, ask: SwapAsk, what: string): SwapQuote {
  const [inAmount, outAmount] = [
    amountAt(body.inAmount, `${what}.inAmount`),
    amountAt(body.outAmount, `${what}.outAmount`),
  ]
  const minOut = amountAt(body.otherAmountThreshold, `${what}.otherAmountThreshold`)
  if (body.inputMint !== ask.inMint || body.outputMint !== ask.outMint)
    throw new DataError(`${what}: is for ${show(body.inputMint)} → ${show(body.outputMint)}`)
  if (inAmount !== ask.amount)
    throw new DataError(`${what}: is for ${inAmount}, asked for ${ask.amount}`)
  if (outAmount === 0n || minOut > outAmount)
    throw new DataError(`${what}: gives ${outAmount}, at least ${minOut}`)
  const legs = legsOf(body.routePlan)
  const addresses = (key: string): string[] => legs.map(leg => leg[key]).filter(isAddress)
  const mints = new Set([...addresses('inputMint'), ...addresses('outputMint')])
  mints.delete(ask.inMint)
  mints.delete(ask.outMint)
  return { inAmount, outAmount, minOut, pools: addresses('ammKey'), mints: [...mints], body }
}

/** The legs of a route, where they are told. */
function legsOf(plan: unknown): Json[] {
  const legs = Array.isArray(plan) ? plan.slice(0, 16) : []
  return legs.map(leg => ((leg as Json | null)?.swapInfo as Json | null | undefined) ?? {})
}

/** The bytes of a transaction from base64: some, and no more than a transaction may have. */
export const transactionAt = (value: unknown, what: string): Buffer => {
  const bytes = bytesAt(value, what, MAX_TX)
  if (bytes.length === 0) throw new DataError(`${what}: is empty`)
  return bytes
}

/** A height as number or digits; undefined when there is none. */
export const heightAt = (value: unknown, what: string): number | undefined => {
  if (value === undefined || value === null) return undefined
  return countAt(
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number.parseInt(value, 10) : value,
    what,
  )
}
