import { extensionsOf } from '../../../sources/decode/extensions.ts'
import { mintFacts } from '../../../sources/decode/mint-account.ts'
import { TOKEN_2022 } from '../../../sources/decode/programs.ts'
import { holdersOf, topHoldersCheck } from './holder-checks.ts'
import { lpCheck } from './lp-check.ts'
import { authorityChecks, extensionCheck, transferFeeCheck } from './mint-checks.ts'
import { holderSellCheck, roundTripCheck } from './sell-checks.ts'
import type { TokenAsker } from './token-asker.ts'
import {
  failedCheck,
  guarded,
  passed,
  TOKEN_CHECKS,
  type TokenCheck,
  type TokenVerdict,
  unknownCheck,
  verdictOf,
} from './token-check.ts'

/** What is wanted, and from what on a token is refused. Shares are fractions. */
interface TokenOrder {
  mint: string
  pool: string | undefined
  /** Decimals that the market lines had. */
  decimals: number | undefined
  /** Our address; only simulated for. */
  wallet: string
  lamports: bigint
  limits: { maxTransferFeeBps: number; minLpBurnedShare: number; maxTop10Share: number }
}

/**
 * Looks at a token before it is bought for real: its mint, extensions, liquidity tokens, holders,
 * and whether it can be sold, by simulation from our wallet and as an existing holder. Never throws
 * for what the node or the API answer: what cannot be looked at is `unknown`, and only a verdict of
 * `pass` may be bought. Signs and sends nothing.
 */
export async function checkToken(asker: TokenAsker, order: TokenOrder): Promise<TokenVerdict> {
  const { mint, pool, wallet, lamports, limits } = order
  const { checks, supply } = await mintChecks(asker, order)
  if (supply === undefined) return verdictOf(complete(checks))
  const holders = guardedValue(holdersOf(asker, mint, pool))
  const rest = await Promise.all([
    guarded('lp-burned', () => lpCheck(asker, mint, pool, limits.minLpBurnedShare)),
    guarded('top-holders', async () =>
      topHoldersCheck(await holders(), supply, limits.maxTop10Share),
    ),
    guarded('round-trip', () => roundTripCheck(asker, mint, wallet, lamports)),
    guarded('holder-sell', async () => holderSellCheck(asker, mint, wallet, await holders())),
  ])
  return verdictOf(complete([...checks, ...rest]))
}

/** One question, asked once; whoever wants its answer gets it, or its error. */
function guardedValue<T>(asked: Promise<T>): () => Promise<T> {
  const settled = asked.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  return async () => {
    const result = await settled
    if ('error' in result) throw result.error
    return result.value
  }
}

async function mintChecks(
  asker: TokenAsker,
  { mint, decimals, limits }: TokenOrder,
): Promise<{ checks: TokenCheck[]; supply: bigint | undefined }> {
  const checks: TokenCheck[] = []
  let supply: bigint | undefined
  const account = await guarded('mint-account', async () => {
    const [found] = await asker.accounts([mint])
    if (found === undefined) return failedCheck('mint-account', 'there is no such mint')
    const facts = mintFacts(found.owner, found.bytes)
    if (facts?.supplyAmount === undefined)
      return failedCheck('mint-account', 'the account is no mint')
    const extensions = found.owner === TOKEN_2022 ? extensionsOf(found.bytes) : []
    supply = BigInt(facts.supplyAmount)
    checks.push(
      ...authorityChecks(facts, decimals),
      extensionCheck(extensions),
      transferFeeCheck(extensions, limits.maxTransferFeeBps),
    )
    return passed('mint-account', facts.program ?? 'token')
  })
  return { checks: [account, ...checks], supply }
}

/** Every check has its line; one that was not reached is unknown. */
const complete = (checks: readonly TokenCheck[]): TokenCheck[] =>
  TOKEN_CHECKS.map(
    name =>
      checks.find(({ check }) => check === name) ??
      unknownCheck(name, 'not looked at: the mint is not clear'),
  )
