import { swapParts } from '../../sign/swap-parts.ts'
import type { Swapper } from '../swapper.ts'
import { askJupiter, bodyOf, type JupiterAt, quoteFrom, quoteParams } from './jupiter-body.ts'

/**
 * Jupiter swap v2 by its `/build`: quote and instructions in one answer, which we put together and
 * land ourselves: limit, price, tip and guard are then ours, and Jupiter takes no fee.
 */
export function jupiterV2(at: JupiterAt): Swapper {
  return {
    name: 'jupiter-v2',
    async quote(ask, signal) {
      const path = `/swap/v2/build?${quoteParams(ask)}&taker=${at.wallet}`
      const body = bodyOf(await askJupiter(at, path, undefined, signal), 'jupiter.build')
      return body === undefined ? undefined : quoteFrom(body, ask, 'jupiter.build')
    },
    build: async ({ body }) => swapParts(body, body),
  }
}
