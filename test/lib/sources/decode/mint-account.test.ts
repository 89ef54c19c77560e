import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../../lib/base/errors.ts'
import { mintFacts } from '../../../../lib/sources/decode/mint-account.ts'
import { TOKEN, TOKEN_2022 } from '../../../../lib/sources/decode/programs.ts'
import { account, bool, key, u8, u16, u32, u64 } from './bytes.ts'

const plain = (mintTag: number, freezeTag: number): Record<number, Buffer> => ({
  0: u32(mintTag),
  4: key(1),
  36: u64(10n ** 15n),
  44: u8(6),
  45: bool(true),
  46: u32(freezeTag),
})

test('a mint: who may still mint or freeze', () => {
  assert.deepEqual(mintFacts(TOKEN, account(82, plain(0, 1))), {
    decimals: 6,
    supplyAmount: '1000000000000000',
    program: 'token',
    mintRevoked: true,
    freezeRevoked: false,
  })
})

test('a Token-2022 mint: its extensions by name, unknown ones by number', () => {
  // Type byte at 165, then type, length, value: transfer fee (108 bytes), an unknown one, the
  // permanent delegate.
  const long = account(400, {
    ...plain(1, 0),
    165: u8(1),
    166: u16(1),
    168: u16(108),
    278: u16(99),
    280: u16(2),
    284: u16(12),
    286: u16(32),
  })
  const facts = mintFacts(TOKEN_2022, long)
  assert.deepEqual(facts?.extensions, ['transfer-fee', 'unknown-99', 'permanent-delegate'])
  assert.deepEqual([facts?.program, facts?.mintRevoked], ['token-2022', false])
})

test('a token account, another owner and an empty account are no mints', () => {
  assert.equal(mintFacts(TOKEN, account(165, plain(0, 0))), undefined)
  assert.equal(mintFacts(TOKEN_2022, account(170, { ...plain(0, 0), 165: u8(2) })), undefined)
  assert.equal(mintFacts('11111111111111111111111111111111', account(82, plain(0, 0))), undefined)
  assert.equal(mintFacts(TOKEN, account(82, {})), undefined)
})

test('any bytes give facts, nothing or a DataError', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(TOKEN, TOKEN_2022),
      (bytes, owner) => {
        try {
          mintFacts(owner, Buffer.from(bytes))
        } catch (error) {
          assert.ok(error instanceof DataError)
        }
      },
    ),
    { numRuns: 1000 },
  )
})
