import { WSOL } from '../../../sources/decode/programs.ts'
import type { Simulation } from '../../../sources/rpc/client.ts'
import type { SwapParts } from '../sign/swap-parts.ts'
import type { Holder } from './holder-checks.ts'
import type { TokenAsker } from './token-asker.ts'
import { failedCheck, passed, type TokenCheck, unknownCheck } from './token-check.ts'
import { unsigned } from './unsigned.ts'

/**
 * Of a round trip, more than this lost is no market: fees of pool and router on both ways are far
 * below.
 */
const MAX_LOSS = 0.25
/** Holders tried: one may lack the SOL that his own sell needs. */
const HOLDERS = 3
/** Share of a holding that is sold in the trial. */
const PART = 100n

/**
 * Buy and sell in one transaction that is simulated, never signed: what we get back says whether
 * the token can be sold right after it was bought, from our own wallet.
 */
export async function roundTripCheck(
  asker: TokenAsker,
  mint: string,
  wallet: string,
  lamports: bigint,
): Promise<TokenCheck> {
  const buy = await asker.swap({ inMint: WSOL, outMint: mint, amount: lamports, user: wallet })
  if (buy === undefined) return unknownCheck('round-trip', 'no route to buy')
  const sell = await asker.swap({ inMint: mint, outMint: WSOL, amount: buy.minOut, user: wallet })
  if (sell === undefined) return failedCheck('round-trip', 'no route to sell')
  const { error, logs } = await simulated(asker, wallet, [buy, sell])
  if (error !== null) return ofError('round-trip', error, logs)
  // The program has let no less than this through.
  const loss = 1 - Number((sell.minOut * 1_000_000n) / lamports) / 1e6
  return loss > MAX_LOSS
    ? failedCheck('round-trip', `buying and selling at once may lose ${loss.toFixed(3)}`)
    : passed('round-trip', `bought and sold in simulation, at most ${loss.toFixed(4)} lost`)
}

/**
 * A sell as somebody who already holds the token. Freezing holders after they bought is the usual
 * trap: the round trip of a new account passes then, and this one does not.
 */
export async function holderSellCheck(
  asker: TokenAsker,
  mint: string,
  wallet: string,
  holders: readonly Holder[],
): Promise<TokenCheck> {
  const frozen = holders.find(({ isFrozen }) => isFrozen)
  if (frozen !== undefined) return failedCheck('holder-sell', `holder ${frozen.owner} is frozen`)
  const tried = holders
    .filter(({ amount, owner }) => amount >= PART && owner !== wallet)
    .slice(0, HOLDERS)
  let last = unknownCheck('holder-sell', 'nobody but the market holds it')
  for (const { owner, amount } of tried) {
    const sell = await asker.swap({
      inMint: mint,
      outMint: WSOL,
      amount: amount / PART,
      user: owner,
    })
    if (sell === undefined) return failedCheck('holder-sell', 'no route to sell')
    const { error, logs } = await simulated(asker, wallet, [sell])
    if (error === null) return passed('holder-sell', `sold as ${owner} in simulation`)
    last = ofError('holder-sell', error, logs)
    // Any holder who has the SOL but may not sell is one too many.
    if (last.result === 'fail') return last
  }
  return last
}

async function simulated(
  asker: TokenAsker,
  payer: string,
  parts: readonly SwapParts[],
): Promise<Simulation> {
  const tables = [...new Set(parts.flatMap(({ lookupTables }) => lookupTables))]
  const accounts = await asker.accounts(tables)
  const transaction = await unsigned(
    payer,
    parts.flatMap(({ instructions }) => instructions),
    new Map(tables.map((key, i) => [key, accounts[i]] as const)),
    asker.versions(),
  )
  return asker.simulate(transaction, [])
}

/**
 * Custom 1 of the system program: the trial itself had not the SOL. What no program said is no
 * verdict of the token.
 */
function ofError(
  check: 'round-trip' | 'holder-sell',
  error: unknown,
  logs: readonly string[],
): TokenCheck {
  const text = JSON.stringify(error).slice(0, 200)
  const isOurs = logs.some(line => /insufficient lamports/i.test(line))
  const isOfProgram = typeof error === 'object' && error !== null && 'InstructionError' in error
  if (!isOfProgram || isOurs)
    return unknownCheck(check, `the simulation could not be made: ${text}`)
  const why = logs.findLast(line => /Error:|failed:/.test(line)) ?? ''
  return failedCheck(check, `simulated sell fails: ${text} ${why}`.trim())
}
