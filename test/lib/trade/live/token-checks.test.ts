import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../../lib/base/errors.ts'
import { PROGRAMS, TOKEN, TOKEN_2022 } from '../../../../lib/sources/decode/programs.ts'
import { swapParts } from '../../../../lib/trade/live/sign/swap-parts.ts'
import { checkToken } from '../../../../lib/trade/live/token/check-token.ts'
import { lpCheck } from '../../../../lib/trade/live/token/lp-check.ts'
import type { TokenAsker } from '../../../../lib/trade/live/token/token-asker.ts'
import { account, bool, key, keyName, u8, u64 } from '../../sources/decode/bytes.ts'

const order = {
  mint: keyName(1),
  pool: keyName(2),
  decimals: 6,
  wallet: keyName(3),
  lamports: 1_000_000n,
  limits: { maxTransferFeeBps: 100, minLpBurnedShare: 0.9, maxTop10Share: 0.5 },
}
/** Everything exists with these bytes and this owner; every simulation succeeds. */
const always = (owner: string, bytes: Buffer): TokenAsker => ({
  versions: () => [0],
  accounts: async keys => keys.map(() => ({ owner, bytes })),
  largest: async () => [{ address: keyName(4), amount: 1000n }],
  simulate: async () => ({ error: null, logs: [], accounts: [] }),
  swap: async () => ({ instructions: [], lookupTables: [], minOut: 990_000n }),
})

test('whatever an account holds, every check has a verdict, and it is no pass', async () => {
  const owners = fc.constantFrom(TOKEN, TOKEN_2022, keyName(9), ...Object.values(PROGRAMS))
  const mint = account(165, { 36: u64(10n ** 15n), 44: u8(6), 45: bool(true) })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 1000 }).map(each => Buffer.from(each)),
    // A mint with nothing wrong in it, and any extensions.
    fc.uint8Array({ maxLength: 300 }).map(tail => Buffer.concat([mint, u8(1), Buffer.from(tail)])),
  )
  await fc.assert(
    fc.asyncProperty(owners, bytes, async (owner, data) => {
      const { checks, result } = await checkToken(always(owner, data), order)
      assert.equal(checks.length, 10)
      // A token account cannot be a mint too: the asker gives the same bytes for both.
      assert.notEqual(result, 'pass')
      for (const { reason } of checks) assert.ok(reason.length > 0 && !reason.includes('\n'))
    }),
    { numRuns: 500 },
  )
})

test('a node that answers nothing, and an API that lies about the shape', async () => {
  const silent: TokenAsker = {
    ...always(TOKEN, Buffer.alloc(0)),
    accounts: () => Promise.reject(new Error('rpc: 503')),
  }
  const { result, checks } = await checkToken(silent, order)
  assert.equal(result, 'unknown')
  assert.equal(checks[0]?.reason, 'rpc: 503')
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (quote, parts) => {
      assert.throws(() => swapParts(quote, parts), DataError)
    }),
  )
})

test('Raydium AMM v4: what the pool counts against what the mint still has', async () => {
  // lpReserve at 720 and the supply at 36, after the layouts of both programs.
  const pool = (lpReserve: bigint): Buffer =>
    account(752, { 0: u8(6), 32: u8(6), 40: u8(9), 400: key(1), 464: key(5), 720: u64(lpReserve) })
  const lp = (supply: bigint): Buffer => account(82, { 36: u64(supply), 44: u8(9), 45: bool(true) })
  const asker = (lpReserve: bigint, supply: bigint): TokenAsker => ({
    ...always(TOKEN, Buffer.alloc(0)),
    accounts: async ([first]) => [
      first === keyName(2)
        ? { owner: PROGRAMS['raydium-amm'], bytes: pool(lpReserve) }
        : { owner: TOKEN, bytes: lp(supply) },
    ],
  })
  const found = (lpReserve: bigint, supply: bigint, least: number) =>
    lpCheck(asker(lpReserve, supply), keyName(1), keyName(2), least)
  assert.match((await found(1000n, 40n, 0.95)).reason, /^0\.96 burned/)
  assert.equal((await found(1000n, 40n, 0.95)).result, 'pass')
  assert.equal((await found(1000n, 60n, 0.95)).result, 'fail')
  // More in the mint than the pool ever gave out: nothing of it was burned.
  assert.equal((await found(1000n, 2000n, 0.01)).result, 'fail')
  assert.equal((await found(0n, 0n, 0)).result, 'unknown')
  assert.equal((await lpCheck(asker(1000n, 0n), keyName(7), keyName(2), 0.9)).result, 'fail')
})
