import { DataError } from '../../../../base/errors.ts'
import { swapParts } from '../../sign/swap-parts.ts'
import type { Swapper } from '../swapper.ts'
import { askJupiter, bodyOf, type JupiterAt, quoteFrom, quoteParams } from './jupiter-body.ts'

/**
 * Jupiter swap v1: a quote, then the instructions for it, which we put together and land ourselves:
 * limit, price, tip and guard are then ours.
 */
export function jupiterV1(at: JupiterAt): Swapper {
  return {
    name: 'jupiter-v1',
    async quote(ask, signal) {
      const path = `/swap/v1/quote?${quoteParams(ask)}&restrictIntermediateTokens=true`
      const body = bodyOf(await askJupiter(at, path, undefined, signal), 'jupiter.quote')
      return body === undefined ? undefined : quoteFrom(body, ask, 'jupiter.quote')
    },
    async build({ body: quoteResponse }, signal) {
      const request = { quoteResponse, userPublicKey: at.wallet, wrapAndUnwrapSol: true }
      const path = '/swap/v1/swap-instructions'
      const body = bodyOf(await askJupiter(at, path, request, signal), 'jupiter.swap')
      if (body === undefined) throw new DataError('jupiter.swap: no route any more')
      return swapParts(quoteResponse, body)
    },
  }
}
