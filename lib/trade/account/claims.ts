/** Claims of deposits: what empty token accounts hold, sold for nothing, by their intents. */
const PREFIX = 'reclaim:'

/** Intent of a claim: the account it is about stands at its end. */
export const claimKey = (mint: string, account: string, now: number): string =>
  `${PREFIX}${mint}:${now}:${account}`

/** True for an order or a fill that takes a deposit back. */
export const isClaim = ({ intent }: { intent: string }): boolean => intent.startsWith(PREFIX)

/** The account that a claim is about. */
export const claimedAccount = ({ intent }: { intent: string }): string =>
  intent.slice(intent.lastIndexOf(':') + 1)
