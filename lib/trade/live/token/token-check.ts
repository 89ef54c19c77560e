import { messageOf } from '../../../base/errors.ts'

/** What is looked at before a token is bought for real money, in the order of the report. */
export const TOKEN_CHECKS = [
  'mint-account',
  'decimals',
  'mint-authority',
  'freeze-authority',
  'extensions',
  'transfer-fee',
  'lp-burned',
  'top-holders',
  'round-trip',
  'holder-sell',
] as const
type TokenCheckName = (typeof TOKEN_CHECKS)[number]

/**
 * One finding. `unknown` = it could not be looked at; it blocks a live buy just as a failure does.
 */
export interface TokenCheck {
  check: TokenCheckName
  result: 'pass' | 'fail' | 'unknown'
  reason: string
}

/** All findings together: fail when one failed, else unknown when one is, else pass. */
export interface TokenVerdict {
  result: TokenCheck['result']
  checks: TokenCheck[]
}

/** The finding that a check held. */
export const passed = (check: TokenCheckName, reason: string): TokenCheck => ({
  check,
  result: 'pass',
  reason,
})

/** The finding that a check did not hold. */
export const failedCheck = (check: TokenCheckName, reason: string): TokenCheck => ({
  check,
  result: 'fail',
  reason,
})

/** The finding that a check could not be made: never the same as held. */
export const unknownCheck = (check: TokenCheckName, reason: string): TokenCheck => ({
  check,
  result: 'unknown',
  reason,
})

/** Pass or fail by a measured share. */
export const judged = (check: TokenCheckName, isGood: boolean, reason: string): TokenCheck =>
  isGood ? passed(check, reason) : failedCheck(check, reason)

/**
 * The finding of `look`; an error of the node, or bytes that are no such account, leave it unknown.
 */
export async function guarded(
  check: TokenCheckName,
  look: () => TokenCheck | Promise<TokenCheck>,
): Promise<TokenCheck> {
  try {
    return await look()
  } catch (error) {
    return unknownCheck(check, messageOf(error).split('\n')[0] ?? 'error')
  }
}

/** The verdict of all findings. */
export function verdictOf(checks: TokenCheck[]): TokenVerdict {
  const has = (result: TokenCheck['result']): boolean => checks.some(each => each.result === result)
  return { result: has('fail') ? 'fail' : has('unknown') ? 'unknown' : 'pass', checks }
}
