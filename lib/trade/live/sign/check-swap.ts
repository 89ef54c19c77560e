import { JUPITER } from '../chain/solana.ts'
import { Refused } from './refused.ts'
import { amountsOf, layoutOf, ledgerRouteOf, type RouteAmounts } from './route-layouts.ts'
import type { SwapTerms } from './swap-terms.ts'
import type { Instruction } from './tx-parts.ts'

/**
 * Refuses a swap that is not the one asked for: authority, source and destination are ours by their
 * place, and the amounts in its data keep to the quote. A form that is not known is refused, unless
 * we put the transaction together ourselves (`isBuilt`): then wallet, source and destination have
 * to be among its accounts, and what it does is left to simulation and guard. True when its data
 * leave nothing open; else it may be signed with a guard only.
 */
export function checkSwap(swap: Instruction, terms: SwapTerms, isBuilt: boolean): boolean {
  const layout = swap.program === JUPITER ? layoutOf(swap.data) : undefined
  if (layout === undefined) {
    const ledger = swap.program === JUPITER ? ledgerRouteOf(swap.data) : undefined
    if (ledger !== undefined)
      throw new Refused('ledger-swap', `${ledger} sells what a ledger account says`)
    if (!isBuilt)
      throw new Refused('unknown-swap', `${swap.program} ${swap.data.toString('hex', 0, 8)}`)
    checkNamed(swap, terms)
    // A program of the settings is vouched for by them; a new form of Jupiter’s is not.
    return swap.program !== JUPITER
  }
  if (swap.accounts.length < layout.accounts.length)
    throw new Refused('unknown-swap', `${layout.name} with ${swap.accounts.length} accounts`)
  const of = (name: string): string | undefined => swap.accounts[layout.accounts.indexOf(name)]
  const receiver = of('receiver?') ?? JUPITER
  if (of('authority') !== terms.wallet) throw new Refused('swap-authority', `${of('authority')}`)
  if (of('source') !== terms.source) throw new Refused('swap-source', `${of('source')}`)
  if (of('destination') !== terms.destination)
    throw new Refused('swap-destination', `${of('destination')}`)
  if (receiver !== JUPITER && receiver !== terms.destination)
    throw new Refused('swap-destination', receiver)
  for (const [name, mint] of [
    ['sourceMint', terms.inMint] as const,
    ['destinationMint', terms.outMint] as const,
  ])
    if ((of(name) ?? mint) !== mint) throw new Refused('swap-mints', `${name} is ${of(name)}`)
  const amounts = amountsOf(layout, swap.data)
  if (amounts === undefined)
    throw new Refused('swap-amounts', `${layout.name} of ${swap.data.length} bytes`)
  checkAmounts(amounts, terms, isBuilt)
  if (!amounts.isExact && !isBuilt)
    throw new Refused('unknown-swap', `${layout.name} through an exchange that is not known`)
  return amounts.isExact
}

function checkNamed({ accounts }: Instruction, terms: SwapTerms): void {
  if (!accounts.includes(terms.wallet))
    throw new Refused('swap-authority', 'our wallet is not in it')
  if (!accounts.includes(terms.source)) throw new Refused('swap-source', 'our account is not in it')
  if (!accounts.includes(terms.destination))
    throw new Refused('swap-destination', 'our account is not in it')
}

const BPS = 10_000n

/** The exchange may round its threshold the other way: one base unit. */
const ROUNDING = 1n

/** Most that Jupiter keeps of a swap that it makes and lands (dev.jup.ag: 0 to 50 bps). */
const MAX_FEE_BPS = 50n

function checkAmounts(
  { isIn, fixed, quoted, slippageBps, feeBps }: RouteAmounts,
  { amount, minOut }: SwapTerms,
  isBuilt: boolean,
): void {
  if (feeBps > (isBuilt ? 0n : MAX_FEE_BPS)) throw new Refused('swap-fee', `${feeBps} basis points`)
  const takes = isIn ? fixed : (quoted * (BPS + slippageBps)) / BPS
  const gives = isIn ? (quoted * (slippageBps > BPS ? 0n : BPS - slippageBps)) / BPS : fixed
  const isMore = isIn ? takes !== amount : takes > amount
  if (isMore || gives + ROUNDING < minOut)
    throw new Refused(
      'swap-amounts',
      `it takes ${takes} for at least ${gives}; asked were ${amount} for at least ${minOut}`,
    )
}
