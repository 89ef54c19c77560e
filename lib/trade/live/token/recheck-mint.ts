import { extensionsOf } from '../../../sources/decode/extensions.ts'
import { TOKEN_2022 } from '../../../sources/decode/programs.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { Refused } from '../sign/refused.ts'
import { extensionCheck, transferFeeCheck } from './mint-checks.ts'

/**
 * Refuses a buy when the mint has another fee or hook than may be: what was looked at seconds ago
 * can be changed by its authorities. Only Token-2022 has such.
 */
export function recheckMint(
  mint: ChainAccount,
  checks: { maxTransferFeeBps: number; without: readonly string[] },
): void {
  if (mint.owner !== TOKEN_2022) return
  const extensions = extensionsOf(mint.bytes)
  for (const { check, result, reason } of [
    extensionCheck(extensions),
    transferFeeCheck(extensions, checks.maxTransferFeeBps),
  ])
    if (result !== 'pass' && !checks.without.includes(check))
      throw new Refused('mint-changed', `${check} ${result}: ${reason}`)
}
