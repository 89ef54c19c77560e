import { DataError } from '../../../base/errors.ts'
import {
  askJupiter,
  bodyOf,
  heightAt,
  type JupiterAt,
  quoteFrom,
  quoteParams,
  transactionAt,
} from './jupiter-body.ts'
import type { Swapper } from './swapper.ts'

/** Jupiter swap v1: a quote, then a transaction for it, which we land ourselves. */
export function jupiterV1(at: JupiterAt): Swapper {
  return {
    name: 'jupiter-v1',
    async quote(ask, signal) {
      const path = `/swap/v1/quote?${quoteParams(ask)}&restrictIntermediateTokens=true`
      const body = bodyOf(await askJupiter(at, path, undefined, signal), 'jupiter.quote')
      return body === undefined ? undefined : quoteFrom(body, ask, 'jupiter.quote')
    },
    async build({ body: quoteResponse }, { maxPriorityFee, tip }, signal) {
      const priority = {
        priorityLevel: 'high',
        maxLamports: wireAmount(maxPriorityFee),
        global: false,
      }
      const request = {
        quoteResponse,
        userPublicKey: at.wallet,
        wrapAndUnwrapSol: true,
        dynamicComputeUnitLimit: true,
        // One or the other, never both: a tip takes the place of a priority fee.
        prioritizationFeeLamports:
          tip > 0n
            ? { jitoTipLamports: wireAmount(tip) }
            : { priorityLevelWithMaxLamports: priority },
      }
      const body = bodyOf(await askJupiter(at, '/swap/v1/swap', request, signal), 'jupiter.swap')
      if (body === undefined) throw new DataError('jupiter.swap: no route any more')
      if (body.simulationError !== undefined && body.simulationError !== null)
        throw new DataError('jupiter.swap: its simulation fails')
      const lastValid = heightAt(body.lastValidBlockHeight, 'jupiter.swap.lastValidBlockHeight')
      const tx = transactionAt(body.swapTransaction, 'jupiter.swap.swapTransaction')
      return { tx, lastValid, requestId: undefined, isOurs: true }
    },
  }
}

/** Fees go over the wire as numbers; those that we pay are far below 2^53. */
function wireAmount(amount: bigint): number {
  if (amount > BigInt(Number.MAX_SAFE_INTEGER))
    throw new DataError(`a fee of ${amount} lamports cannot be asked for`)
  return Number(amount)
}
