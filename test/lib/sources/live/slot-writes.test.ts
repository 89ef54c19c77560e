import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Market } from '../../../../lib/records/market.ts'
import { makeSlotWrites, makeTokenIds } from '../../../../lib/sources/live/slot-writes.ts'

test('each change of a pool in one slot has its number; told again it keeps it', () => {
  const writes = makeSlotWrites()
  const write = (pool: string, slot: number, market: Market): number =>
    writes({ mint: 'M', pool, slot, market })
  const market = (base: string) => ({ dex: 'raydium', baseAmount: base, quoteAmount: '5' })
  assert.deepEqual(
    [
      write('A', 7, market('1')),
      write('A', 7, market('2')),
      write('A', 7, market('1')),
      write('B', 7, market('2')),
      write('A', 8, market('2')),
      write('A', 7, market('3')),
    ],
    [0, 1, 0, 0, 0, 2],
  )
  for (let slot = 9; slot < 30; slot++) write('A', slot, market('1'))
  assert.equal(write('A', 29, market('9')), 1, 'the newest slots are remembered')
  assert.equal(write('C', 1, { dex: 'x', priceUsd: 2 }), 0)
  assert.equal(write('C', 1, { dex: 'x', priceUsd: 3 }), 1, 'a price where there are no reserves')
})

test('parts of one moment on one token are lines of their own', () => {
  const id = makeTokenIds()
  const ids = [id('M', 'rpc', 5), id('N', 'rpc', 5), id('M', 'rpc', 5), id('M', 'rpc', 6)]
  assert.deepEqual(ids, ['token:M:rpc:5', 'token:N:rpc:5', 'token:M:rpc:5:2', 'token:M:rpc:6'])
})
