import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isAddress } from '../../../../lib/sources/decode/base58.ts'
import { decodePool } from '../../../../lib/sources/decode/decode.ts'
import { PROGRAMS } from '../../../../lib/sources/decode/programs.ts'
import { sharedFile } from '../../../kit/shared.ts'

const curve = sharedFile('api/solana_rpc_getAccountInfo_pumpBondingCurve_base64.json')

test('a recorded bonding curve keeps the invariants of the program', { skip: curve.skip }, () => {
  const { value } = JSON.parse(readFileSync(curve.path, 'utf8')).result
  const pool = decodePool(value.owner, Buffer.from(value.data[0], 'base64'))
  assert.equal(pool?.dex, PROGRAMS['pump.fun'] === value.owner ? 'pump.fun' : '')
  assert.ok(isAddress(pool?.creator))
  assert.deepEqual([pool?.supply, pool?.isComplete], [10n ** 15n, false])
  // Curves start at 1.073e15 × 30e9; trades keep or grow that product.
  const k = (pool?.base ?? 0n) * (pool?.quote ?? 0n)
  const start = 1_073_000_000_000_000n * 30_000_000_000n
  assert.ok(k >= start - start / 10n ** 9n && k < start + start / 1000n, String(k))
})
