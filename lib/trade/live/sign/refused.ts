import { DataError } from '../../../base/errors.ts'

/**
 * Why bytes are not signed: the only list of the reasons, each with what it says. `passing` = it
 * may be the market or a node that moved meanwhile, so asking again may help; anything else is
 * somebody who wants what is ours, and a buy ends with it.
 */
export const REFUSALS = {
  'tx-bytes': { says: 'it cannot be read, or no node would take it', passing: false },
  'tx-version': { says: 'it is of a version that is not known', passing: false },
  'fee-payer': { says: 'somebody else pays its fee', passing: false },
  'signed-already': { says: 'our signature is already in it', passing: false },
  'extra-signer': { says: 'it wants more signatures than ours', passing: false },
  'durable-nonce': { says: 'it would stay valid for ever', passing: false },
  'lookup-table': { says: 'a lookup table is missing, closing, or has changed', passing: true },
  'foreign-program': { says: 'it calls a program that has no part in a swap', passing: false },
  'system-call': { says: 'it calls the system program for more than a transfer', passing: false },
  'sol-transfer': { says: 'it sends SOL to somebody else, or too much', passing: false },
  'token-transfer': { says: 'it transfers, burns or mints a token itself', passing: false },
  approve: { says: 'it lets somebody else spend from a token account', passing: false },
  'set-authority': { says: 'it hands over an authority', passing: false },
  'close-account': {
    says: 'it closes another account, or pays it to somebody else',
    passing: false,
  },
  'token-call': { says: 'it calls a token program for what no swap needs', passing: false },
  'account-for-others': { says: 'it makes an account that is not of this swap', passing: false },
  'compute-budget': {
    says: 'it asks for compute twice, or for what is not known',
    passing: false,
  },
  'priority-fee': { says: 'its priority fee is above the cap', passing: false },
  'no-swap': { says: 'there is no swap in it', passing: false },
  'second-swap': { says: 'there is more than one swap in it', passing: false },
  'unknown-swap': { says: 'its swap is of a form that is not known', passing: false },
  'ledger-swap': { says: 'its swap takes an amount that is not in it', passing: false },
  'swap-fee': { says: 'its swap pays a fee that nobody asked for', passing: false },
  'swap-authority': { says: 'its swap is not by the authority of our wallet', passing: false },
  'swap-source': { says: 'its swap does not take from our account', passing: false },
  'swap-destination': { says: 'its swap does not pay into our account', passing: false },
  'swap-mints': { says: 'its swap is of other tokens', passing: false },
  'swap-amounts': { says: 'its swap takes more or promises less than was asked', passing: false },
  'other-account': { says: 'it names another token account of ours', passing: false },
  'foreign-kind': {
    says: 'it writes to an account of a kind that no swap writes to',
    passing: false,
  },
  'mint-changed': { says: 'the token is no longer what was checked', passing: false },
  'takes-more': { says: 'simulated, it takes more than was meant', passing: true },
  'gives-less': { says: 'simulated, it gives less than was meant', passing: true },
  'other-changed': { says: 'simulated, it changes another account of ours', passing: true },
  'account-rights': {
    says: 'simulated, somebody else could spend or close an account',
    passing: false,
  },
  'wallet-owner': { says: 'simulated, a program would own our wallet', passing: false },
  'program-changed': { says: 'the exchange’s program was upgraded meanwhile', passing: true },
} as const satisfies Record<string, { says: string; passing: boolean }>
export type Refusal = keyof typeof REFUSALS

/** Bytes that are not signed. The reason is one of the list. */
export class Refused extends DataError {
  readonly reason: Refusal
  constructor(reason: Refusal, detail: string) {
    super(`refused (${reason}): ${REFUSALS[reason].says}: ${detail}`)
    this.reason = reason
  }
}
