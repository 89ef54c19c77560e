import type { Token } from '../../../records/token.ts'
import { keyText } from '../../../sources/decode/base58.ts'
import type { Extension } from '../../../sources/decode/extensions.ts'
import { ZERO } from '../../../sources/decode/programs.ts'
import { failedCheck, judged, passed, type TokenCheck, unknownCheck } from './token-check.ts'

/**
 * What an extension means to somebody who wants to sell again: nothing, never, or it depends on its
 * data.
 */
type Meaning = 'harmless' | 'unclear' | { trap: string } | ((data: Buffer) => string | undefined)

const FROZEN = 2
const HOOK_PROGRAM_AT = 32

/**
 * By the name of the extension; one that is not here is unknown, and what is unknown is a trap
 * until somebody read it.
 */
const MEANINGS: Record<string, Meaning> = {
  // Its rate is a check of its own.
  'transfer-fee': 'harmless',
  // A mint can be closed at a supply of zero only.
  'close-authority': 'harmless',
  'confidential-transfer': 'unclear',
  'confidential-transfer-fee': 'unclear',
  'confidential-mint-burn': { trap: 'supply can grow unseen' },
  'default-account-state': data =>
    data.length === 1 && data[0] !== FROZEN ? undefined : 'new accounts start frozen',
  'non-transferable': { trap: 'cannot be sold' },
  // These change what wallets show, not what an account holds.
  'interest-bearing': 'harmless',
  'scaled-ui-amount': 'harmless',
  'permanent-delegate': data =>
    keyOr(data, 0) === ZERO ? undefined : 'somebody can take it out of any account',
  'transfer-hook': data =>
    keyOr(data, HOOK_PROGRAM_AT) === ZERO ? undefined : 'a program decides on each transfer',
  'metadata-pointer': 'harmless',
  metadata: 'harmless',
  'group-pointer': 'harmless',
  group: 'harmless',
  'group-member-pointer': 'harmless',
  'group-member': 'harmless',
  pausable: { trap: 'somebody can stop all transfers' },
  'permissioned-burn': 'unclear',
}

const keyOr = (data: Buffer, at: number): string | undefined =>
  data.length < at + 32 ? undefined : keyText(data, at)

/** Authorities that are still live, and decimals other than those the market lines tell. */
export function authorityChecks(facts: Token, expectedDecimals: number | undefined): TokenCheck[] {
  const { decimals, mintRevoked, freezeRevoked } = facts
  return [
    expectedDecimals === undefined
      ? passed('decimals', `${decimals}`)
      : judged(
          'decimals',
          decimals === expectedDecimals,
          `mint has ${decimals}, records say ${expectedDecimals}`,
        ),
    judged(
      'mint-authority',
      mintRevoked === true,
      mintRevoked ? 'revoked' : 'somebody can mint more',
    ),
    judged(
      'freeze-authority',
      freezeRevoked === true,
      freezeRevoked ? 'revoked' : 'somebody can freeze what we hold',
    ),
  ]
}

/** The first trap among the extensions, else the first that is not clear, else pass. */
export function extensionCheck(extensions: readonly Extension[]): TokenCheck {
  const traps: string[] = []
  const unclear: string[] = []
  for (const { name, bytes } of extensions) {
    const meaning = Object.hasOwn(MEANINGS, name)
      ? MEANINGS[name]
      : { trap: 'not known to this version' }
    if (meaning === 'unclear') unclear.push(name)
    const trap =
      typeof meaning === 'function'
        ? meaning(bytes)
        : typeof meaning === 'object'
          ? meaning.trap
          : undefined
    if (trap !== undefined) traps.push(`${name}: ${trap}`)
  }
  if (traps.length > 0) return failedCheck('extensions', traps.join(', '))
  if (unclear.length > 0)
    return unknownCheck('extensions', `${unclear.join(', ')}: balances or burns cannot be judged`)
  return passed(
    'extensions',
    extensions.length === 0 ? 'none' : extensions.map(({ name }) => name).join(', '),
  )
}

/**
 * TransferFeeConfig (spl-token-2022): two fees, in force before and from some epoch on; rates at
 * these places.
 */
const FEE_BYTES = 108
const RATES_AT = [88, 106] as const

/**
 * The higher of the two rates counts: the newer one may come into force while the token is held.
 */
export function transferFeeCheck(extensions: readonly Extension[], maxBps: number): TokenCheck {
  const config = extensions.find(({ name }) => name === 'transfer-fee')
  if (config === undefined) return passed('transfer-fee', 'none')
  if (config.bytes.length < FEE_BYTES)
    return unknownCheck('transfer-fee', 'its configuration is cut off')
  const rate = Math.max(...RATES_AT.map(at => config.bytes.readUInt16LE(at)))
  return judged('transfer-fee', rate <= maxBps, `${rate} bps, at most ${maxBps}`)
}
