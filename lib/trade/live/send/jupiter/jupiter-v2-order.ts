import { DataError } from '../../../../base/errors.ts'
import { objectAt } from '../../chain/foreign-json.ts'
import type { Swapper } from '../swapper.ts'
import {
  askJupiter,
  bodyOf,
  heightAt,
  type JupiterAt,
  quoteFrom,
  quoteParams,
  transactionAt,
} from './jupiter-body.ts'

const EXECUTE_MS = 30_000
const REQUEST_ID = /^[\x21-\x7e]{1,200}$/

/**
 * Jupiter swap v2 by its `/order`: an order is quote and transaction in one, and Jupiter lands the
 * signed bytes; the same bytes with the same request id may be posted again for two minutes without
 * a second swap. Its transaction is taken as it is, and has no guard: other bytes would not be
 * landed. Market makers that sign after us (jupiterz) are left out: such bytes cannot be checked
 * before they are complete.
 */
export function jupiterV2Order(at: JupiterAt): Swapper {
  return {
    name: 'jupiter-v2-order',
    async quote(ask, signal) {
      const path = `/swap/v2/order?${quoteParams(ask)}&taker=${at.wallet}&excludeRouters=jupiterz`
      const body = bodyOf(await askJupiter(at, path, undefined, signal), 'jupiter.order')
      return body === undefined ? undefined : quoteFrom(body, ask, 'jupiter.order')
    },
    async build({ body }) {
      const { transaction, requestId, lastValidBlockHeight } = objectAt(body, 'jupiter.order')
      if (typeof requestId !== 'string' || !REQUEST_ID.test(requestId))
        throw new DataError('jupiter.order: no request id')
      const tx = transactionAt(transaction, 'jupiter.order.transaction')
      return {
        tx,
        lastValid: heightAt(lastValidBlockHeight, 'lastValidBlockHeight'),
        requestId,
      }
    },
    async land(signedTransaction, requestId, signal) {
      await askJupiter(at, '/swap/v2/execute', { signedTransaction, requestId }, signal, EXECUTE_MS)
    },
  }
}
