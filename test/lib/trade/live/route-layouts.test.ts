import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  discriminatorOf,
  layoutOf,
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
  const found = ROUTE_LAYOUTS.map(({ name, accounts }) => [
    name,
    [
      discriminatorOf(name),
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
})
