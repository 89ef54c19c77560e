import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { routeData } from '../../../../lib/dev/idl/route-data.ts'
import * as routes from '../../../../lib/trade/live/sign/jupiter-routes.ts'
import { SWAPS } from '../../../../lib/trade/live/sign/jupiter-steps.ts'
import {
  amountsOf,
  discriminatorOf,
  layoutOf,
  ledgerRouteOf,
  ROUTE_LAYOUTS,
} from '../../../../lib/trade/live/sign/route-layouts.ts'

/**
 * Of the program’s published IDL as three readers of it have it (jup-ag/instruction-parser 6.0.27
 * for the first four; decoders of sevenlabs-hq/carbon for all): discriminator, how many accounts
 * before those of the exchanges, and the places of authority, source and destination.
 */
const PUBLISHED: Record<string, [string, number, number, number, number]> = {
  route: ['e517cb977ae3ad2a', 9, 1, 2, 3],
  exact_out_route: ['d033ef977b2bed5c', 11, 1, 2, 3],
  shared_accounts_route: ['c1209b3341d69c81', 13, 2, 3, 6],
  shared_accounts_exact_out_route: ['b0d169a89a7d453e', 13, 2, 3, 6],
  route_v2: ['bb64facc31c4af14', 10, 0, 1, 2],
  exact_out_route_v2: ['9d8ab85215f4f324', 10, 0, 1, 2],
  shared_accounts_route_v2: ['d19853937cfed8e9', 12, 1, 2, 5],
  shared_accounts_exact_out_route_v2: ['3560e5cad8bbfa18', 12, 1, 2, 5],
}

test('the layouts are those of the published IDL', () => {
  const found = ROUTE_LAYOUTS.map(({ name, discriminator, accounts }) => [
    name,
    [
      discriminatorOf(name) === discriminator ? discriminator : 'of another name',
      accounts.length,
      ...['authority', 'source', 'destination'].map(each => accounts.indexOf(each)),
    ],
  ])
  assert.deepEqual(Object.fromEntries(found), PUBLISHED)
})

test('what takes its amount from a ledger account, or is no swap, has no layout', () => {
  // Discriminators of route_with_token_ledger, set_token_ledger and claim in the same IDL.
  for (const other of ['96564774a75d0e68', 'e455b9704e4f4d02', '3ec6d6c1d59f6cd2', ''])
    assert.equal(layoutOf(Buffer.from(other, 'hex')), undefined)
  assert.equal(ledgerRouteOf(Buffer.from('96564774a75d0e68', 'hex')), 'route_with_token_ledger')
})

test('what is generated is that of the IDL that lies here', () => {
  const text = readFileSync('lib/dev/idl/jupiter.json', 'utf8')
  assert.deepEqual({ ...routes, SWAPS }, routeData(text))
})

/** By hand after the IDL: numbers of exchanges, then what each wants. */
const STEPS = {
  raydium: [7],
  whirlpool: [17, 1],
  // WhirlpoolSwapV2: a_to_b, and maybe a list of two bytes each.
  whirlpoolBare: [47, 1, 0],
  whirlpoolWith: [47, 1, 1, 2, 0, 0, 0, 3, 1, 4, 1],
  // MeteoraDlmmSwapV2: the list itself.
  meteora: [75, 1, 0, 0, 0, 0, 2],
  humidifi: [87, ...Array<number>(9).fill(7)],
}
const u = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)
const planOf = (steps: readonly (readonly number[])[], end: readonly number[]): number[] => [
  ...u(steps.length, 4),
  ...steps.flatMap(step => [...step, ...end]),
]
const headOf = (name: string): number[] => [...Buffer.from(discriminatorOf(name), 'hex')]
const read = (name: string, ...parts: number[][]) => {
  const data = Buffer.from([...headOf(name), ...parts.flat()])
  return amountsOf(layoutOf(data)!, data)
}
const AMOUNTS = [...u(1_000_000, 8), ...u(500_000, 8), ...u(50, 2)]
const SEEN = { fixed: 1_000_000n, quoted: 500_000n, slippageBps: 50n }

test('routes of several steps and split ones are read to their last byte, in every form', () => {
  const all = Object.values(STEPS)
  const [v1, v2] = [planOf(all, [50, 0, 1]), planOf(all, [...u(5000, 2), 0, 1])]
  const more = [...u(25, 2), ...u(0, 2)]
  const found = [
    read('route', v1, AMOUNTS, [25]),
    read('exact_out_route', v1, AMOUNTS, [25]),
    read('shared_accounts_route', [3], v1, AMOUNTS, [25]),
    read('shared_accounts_exact_out_route', [3], v1, AMOUNTS, [25]),
    read('route_v2', AMOUNTS, more, v2),
    read('exact_out_route_v2', AMOUNTS, more, v2),
    read('shared_accounts_route_v2', [3], AMOUNTS, more, v2),
    read('shared_accounts_exact_out_route_v2', [3], AMOUNTS, more, v2),
  ]
  for (const [i, each] of found.entries())
    assert.deepEqual(each, { ...SEEN, feeBps: 25n, isExact: true, isIn: i % 2 === 0 })
})

test('amounts behind the end are not taken for those that the program reads', () => {
  const honest = [...u(7, 8), ...u(9, 8), ...u(10_000, 2)]
  const plan = planOf([STEPS.raydium], [100, 0, 1])
  assert.equal(read('route', plan, honest, [0], AMOUNTS, [0]), undefined)
  assert.equal(read('route', plan, AMOUNTS.slice(1)), undefined)
  const more = [...u(0, 2), ...u(0, 2)]
  assert.equal(
    read('route_v2', AMOUNTS, more, planOf([STEPS.raydium], [0, 0, 0, 1]), [0]),
    undefined,
  )
})

test('an exchange that the IDL does not know leaves open what stands behind it', () => {
  const plan = planOf([[250, 1, 2, 3]], [100, 0, 1])
  assert.deepEqual(read('route', plan, AMOUNTS, [0]), {
    ...SEEN,
    feeBps: 0n,
    isExact: false,
    isIn: true,
  })
})
