import { createHash } from 'node:crypto'

/**
 * The swaps of Jupiter’s aggregator (program JUP6…, IDL as published in its account on the chain
 * and in jup-ag/instruction-parser; the v2 forms by the IDL of late 2025): accounts in their order,
 * what follows is of the exchanges on the way. A name with `?` is optional: Jupiter’s own address
 * stands there when it is not given. Forms whose amount comes from a ledger account are left out:
 * what they take is not in the bytes.
 */
const V1 = {
  tail: 'amounts are the last 19 bytes: u64, u64, slippage u16, fee u8',
  direct: ['tokenProgram', 'authority', 'source', 'destination', 'receiver?'],
  shared: [
    ...(['tokenProgram', 'programAuthority', 'authority', 'source', 'programSource'] as const),
    ...(['programDestination', 'destination', 'sourceMint', 'destinationMint'] as const),
    ...(['platformFee?', 'token2022Program?', 'events', 'program'] as const),
  ],
} as const
const V2 = {
  direct: [
    ...(['authority', 'source', 'destination', 'sourceMint', 'destinationMint'] as const),
    ...(['sourceProgram', 'destinationProgram', 'receiver?', 'events', 'program'] as const),
  ],
  shared: [
    ...(['programAuthority', 'authority', 'source', 'programSource'] as const),
    ...(['programDestination', 'destination', 'sourceMint', 'destinationMint'] as const),
    ...(['sourceProgram', 'destinationProgram', 'events', 'program'] as const),
  ],
} as const

/** Where the two amounts and the tolerance are: from the end of the data, or at a place. */
type Amounts = { fromEnd: 19 } | { at: number }

interface RouteLayout {
  name: string
  accounts: readonly string[]
  amounts: Amounts
  /** The amount that is fixed: what goes in, or what comes out. */
  fixed: 'in' | 'out'
}

const TAIL: Amounts = { fromEnd: 19 }
const DIRECT_OUT = [...V1.direct, 'sourceMint', 'destinationMint'] as const
const AFTER = ['events', 'program'] as const

/** The layouts, by the name that the discriminator is made of. */
export const ROUTE_LAYOUTS: readonly RouteLayout[] = [
  {
    name: 'route',
    accounts: [...V1.direct, 'destinationMint', 'platformFee?', ...AFTER],
    amounts: TAIL,
    fixed: 'in',
  },
  {
    name: 'exact_out_route',
    accounts: [...DIRECT_OUT, 'platformFee?', 'token2022Program?', ...AFTER],
    amounts: TAIL,
    fixed: 'out',
  },
  { name: 'shared_accounts_route', accounts: V1.shared, amounts: TAIL, fixed: 'in' },
  { name: 'shared_accounts_exact_out_route', accounts: V1.shared, amounts: TAIL, fixed: 'out' },
  { name: 'route_v2', accounts: V2.direct, amounts: { at: 8 }, fixed: 'in' },
  { name: 'exact_out_route_v2', accounts: V2.direct, amounts: { at: 8 }, fixed: 'out' },
  { name: 'shared_accounts_route_v2', accounts: V2.shared, amounts: { at: 9 }, fixed: 'in' },
  {
    name: 'shared_accounts_exact_out_route_v2',
    accounts: V2.shared,
    amounts: { at: 9 },
    fixed: 'out',
  },
]

/** First eight bytes of an instruction of an Anchor program: sha256 of `global:` and its name. */
export const discriminatorOf = (name: string): string =>
  createHash('sha256').update(`global:${name}`).digest('hex').slice(0, 16)

const byDiscriminator = new Map(ROUTE_LAYOUTS.map(each => [discriminatorOf(each.name), each]))

/** The layout of a swap of Jupiter by its data; undefined for any other instruction. */
export const layoutOf = (data: Buffer): RouteLayout | undefined =>
  byDiscriminator.get(data.toString('hex', 0, 8))

/** The amounts in the data of a swap; undefined when it is too short to have them. */
export function amountsOf(
  { amounts }: RouteLayout,
  data: Buffer,
): { fixed: bigint; quoted: bigint; slippageBps: bigint } | undefined {
  const at = 'at' in amounts ? amounts.at : data.length - amounts.fromEnd
  if (at < 8 || at + 18 > data.length) return undefined
  return {
    fixed: data.readBigUInt64LE(at),
    quoted: data.readBigUInt64LE(at + 8),
    slippageBps: BigInt(data.readUInt16LE(at + 16)),
  }
}
