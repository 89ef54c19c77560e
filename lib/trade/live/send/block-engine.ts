import { DataError, show } from '../../../base/errors.ts'
import type { Http } from '../../../sources/net/http.ts'
import { objectAt } from '../chain/foreign-json.ts'

/** Block engines allow about one call a second from one address (docs.jito.wtf, rate limits). */
const LIMIT = { perMinute: 60, burst: 2 }

/**
 * The relay of the configuration is a block engine: a server that hands transactions to leaders.
 * This sends signed bytes to it, to be landed as a bundle of one: whole or not at all, and
 * out of sight of those who would trade in front of it. The tip in it is paid only when it lands.
 * Like every way, its answer proves nothing.
 */
export const makeRelay =
  (http: Pick<Http, 'ask'>, base: string, timeoutMs: number) =>
  async (tx: string, signal: AbortSignal): Promise<void> => {
    const url = new URL(`${base}/api/v1/transactions?bundleOnly=true`)
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'sendTransaction',
      params: [tx, { encoding: 'base64' }],
    }
    const answer = await http.ask(
      { provider: 'relay', url, limit: LIMIT, priority: 'high', body, timeoutMs },
      signal,
    )
    const { error } = objectAt(answer.body, 'relay')
    if (answer.status >= 400 || (error !== undefined && error !== null))
      throw new DataError(`relay: status ${answer.status} ${show(error, 100)}`)
  }
