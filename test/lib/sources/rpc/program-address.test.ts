import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PublicKey } from '@solana/web3.js'
import fc from 'fast-check'
import { isOnCurve, programAddress } from '../../../../lib/sources/rpc/read/program-address.ts'

const bytes = (least: number, most: number) => fc.uint8Array({ minLength: least, maxLength: most })

test('addresses of programs are those of the Solana library', () => {
  fc.assert(
    fc.property(fc.array(bytes(0, 32), { maxLength: 4 }), bytes(32, 32), (seeds, program) => {
      const owner = new PublicKey(program)
      const [expected] = PublicKey.findProgramAddressSync(seeds, owner)
      assert.equal(programAddress(seeds, owner.toBase58()), expected.toBase58())
    }),
    { numRuns: 100 },
  )
})

test('what is on the curve is what the Solana library says', () => {
  fc.assert(
    fc.property(bytes(32, 32), point => {
      assert.equal(isOnCurve(point), PublicKey.isOnCurve(point))
    }),
    { numRuns: 300 },
  )
})
