import { JUPITER } from '../chain/solana.ts'
import { Refused } from './refused.ts'
import { amountsOf, layoutOf } from './route-layouts.ts'
import type { SwapTerms } from './swap-terms.ts'
import type { Instruction } from './tx-parts.ts'

/**
 * Refuses a swap that is not the one asked for: authority, source and destination are ours by their
 * place, and the amounts in its data keep to the quote. A form that is not known is refused, unless
 * we put the transaction together ourselves (`isBuilt`): then wallet, source and destination have
 * to be among its accounts, and what it does is left to simulation and guard.
 */
export function checkSwap(swap: Instruction, terms: SwapTerms, isBuilt: boolean): void {
  const layout = swap.program === JUPITER ? layoutOf(swap.data) : undefined
  if (layout === undefined) {
    if (!isBuilt)
      throw new Refused('unknown-swap', `${swap.program} ${swap.data.toString('hex', 0, 8)}`)
    checkNamed(swap, terms)
    return
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
  checkAmounts(swap, terms, layout)
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

function checkAmounts(
  { data }: Instruction,
  { amount, minOut }: SwapTerms,
  layout: NonNullable<ReturnType<typeof layoutOf>>,
): void {
  const found = amountsOf(layout, data)
  if (found === undefined) throw new Refused('swap-amounts', `${layout.name} without amounts`)
  const { fixed, quoted, slippageBps } = found
  const isIn = layout.fixed === 'in'
  const takes = isIn ? fixed : (quoted * (BPS + slippageBps)) / BPS
  const gives = isIn ? (quoted * (slippageBps > BPS ? 0n : BPS - slippageBps)) / BPS : fixed
  const isMore = isIn ? takes !== amount : takes > amount
  if (isMore || gives + ROUNDING < minOut)
    throw new Refused(
      'swap-amounts',
      `it takes ${takes} for at least ${gives}; asked were ${amount} for at least ${minOut}`,
    )
}
