import { DataError, TemporaryError } from '../../../lib/base/errors.ts'
import type { Time } from '../../../lib/sources/net/budget.ts'
import type { Http } from '../../../lib/sources/net/http.ts'
import { parseJson } from '../../../lib/sources/net/json.ts'
import type { RpcCall } from '../../../lib/sources/rpc/client.ts'
import type { Fault } from '../../svm/faults.ts'
import type { Jupiter } from '../../svm/jupiter/jupiter.ts'
import type { RpcServer } from '../../svm/rpc/rpc.ts'
import type { Answer } from '../../svm/server.ts'

const LATENCY_MS = 15
const TIMEOUT_MS = 4000
const NEVER = new AbortController().signal

/** What an HTTP client makes of an answer under a fault; bodies go through JSON as on the wire. */
async function through(time: Time, fault: Fault | undefined, work: () => Answer): Promise<Answer> {
  await time.sleep(LATENCY_MS, NEVER)
  if (fault === 'too-many') throw new TemporaryError('answered 429')
  if (fault === 'bad-gateway') throw new TemporaryError('answered 502')
  const answer = fault === 'hang' ? undefined : work()
  if (fault === 'hang' || fault === 'hang-after') {
    await time.sleep(TIMEOUT_MS, NEVER)
    throw new TemporaryError('no answer in time')
  }
  if (fault === 'bad-gateway-after' || fault === 'cut-after')
    throw new TemporaryError('answered 502')
  await time.sleep(LATENCY_MS, NEVER)
  return { ...answer, body: parseJson(Buffer.from(JSON.stringify(answer?.body ?? null))) }
}

/** JSON-RPC calls to a node with no socket in between. */
export const directCall =
  (rpc: RpcServer, time: Time): RpcCall =>
  async (method, params) => {
    const fault = rpc.faults.next(method)
    const { body } = await through(time, fault, () => rpc.answer({ id: 1, method, params }, fault))
    const { result, error } = body as {
      result?: unknown
      error?: { code: number; message: string }
    }
    if (error !== undefined) throw new DataError(`rpc: ${method}: ${error.code} ${error.message}`)
    return result
  }

/** Calls that nothing disturbs and that take no time. */
export const calmCall =
  (rpc: RpcServer): RpcCall =>
  async (method, params) => {
    const { body } = rpc.answer({ id: 1, method, params }, undefined)
    const { result, error } = parseJson(Buffer.from(JSON.stringify(body))) as {
      result?: unknown
      error?: { code: number; message: string }
    }
    if (error !== undefined) throw new DataError(`rpc: ${method}: ${error.code} ${error.message}`)
    return result
  }

/** Questions to the exchange with no socket in between. */
export const directHttp = (jupiter: Jupiter, time: Time): Pick<Http, 'ask'> => ({
  async ask({ url, body }) {
    const fault = jupiter.faults.next(url.pathname)
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await through(time, fault, () => jupiter.answer(method, url, body, fault))
    return { status: answer.status ?? 200, body: answer.body, date: undefined, left: undefined }
  },
})
