import { TemporaryError } from '../../../base/errors.ts'

/** A question whose answer says of which slot it is. */
export type AskValue = (
  method: string,
  params: unknown[],
  signal: AbortSignal,
) => Promise<{ slot: number; value: unknown }>

/** A minute of the quickest slots there may be: what is nearer comes by itself. */
const FAR_SLOTS = 3000

/**
 * Answers as of a slot or later: a node that has not come as far as our own swaps does not know
 * what we hold. Where that slot is far ahead of a node that is of now, whoever told of it erred or
 * lied, and exits would wait for it for ever: it is forgotten.
 */
export function freshOnly(
  value: AskValue,
  isOfNow: () => Promise<boolean>,
): { fresh: AskValue; notBefore(slot: number): void } {
  let least = 0
  return {
    async fresh(method, params, signal) {
      const answer = await value(method, params, signal)
      if (answer.slot >= least) return answer
      if (least - answer.slot > FAR_SLOTS && (await isOfNow())) {
        least = answer.slot
        return answer
      }
      throw new TemporaryError(
        `rpc ${method}: the node is at slot ${answer.slot}, behind ${least} with a swap of ours`,
      )
    },
    notBefore: slot => void (least = Math.max(least, slot)),
  }
}
