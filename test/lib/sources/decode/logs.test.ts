import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readLogs } from '../../../../lib/sources/decode/logs.ts'
import { data, inFrame, PROGRAMS, pumpCreate, pumpTrade, ray, rayIn, swapBuy } from './fixtures.ts'

const PUMP = PROGRAMS['pump.fun']
const OTHER = 'ComputeBudget111111111111111111111111111111'

test('events of a transaction with their places', () => {
  const read = readLogs([
    ...inFrame(OTHER),
    ...inFrame(
      PUMP,
      'Program log: Instruction: CreateV2',
      data(pumpCreate()),
      data(pumpTrade(true)),
    ),
    ...inFrame(PROGRAMS['raydium-amm'], ray(rayIn(2n))),
  ])
  assert.deepEqual(
    read.events.map(({ event, index }) => [event.kind, event.dex, index]),
    [
      ['create', 'pump.fun', '1.0'],
      ['swap', 'pump.fun', '1.1'],
      ['swap', 'raydium-amm', '2.0'],
    ],
  )
})

test('an event inside another program’s call counts; a line it prints does not', () => {
  const line = data(pumpTrade(true))
  const nested = [`Program ${PUMP} invoke [2]`, line, `Program ${PUMP} success`]
  assert.equal(readLogs(inFrame(OTHER, ...nested)).events.length, 1)
  assert.equal(readLogs(inFrame(OTHER, line)).events.length, 0)
  // After the inner call has returned, the outer program is speaking again.
  assert.equal(readLogs(inFrame(OTHER, ...nested, line)).events.length, 1)
  // A program prints what looks like a frame: it comes out as a log line.
  const forged = [`Program log: Program ${PUMP} invoke [2]`, line]
  assert.equal(readLogs(inFrame(OTHER, ...forged)).events.length, 0)
  assert.equal(readLogs(inFrame(OTHER, ray(rayIn(1n)))).events.length, 0)
  assert.equal(readLogs([line]).events.length, 0)
})

test('a pool’s event in the frame of another known program is not its event', () => {
  assert.equal(readLogs(inFrame(PROGRAMS.launchlab, data(swapBuy()))).events.length, 0)
})

test('what a failed call said is dropped', () => {
  const lines = [
    `Program ${PUMP} invoke [1]`,
    data(pumpTrade(true)),
    `Program ${PUMP} failed: custom program error: 0x1772`,
  ]
  assert.deepEqual(readLogs(lines).events, [])
})

test('frames that do not fit together end the reading', () => {
  const line = data(pumpTrade(true))
  for (const lines of [
    [`Program ${PUMP} invoke [2]`, line],
    [`Program ${OTHER} invoke [1]`, `Program ${PUMP} success`, line],
    [`Program ${PUMP} success`, `Program ${PUMP} invoke [1]`, line],
  ]) {
    const read = readLogs(lines)
    assert.deepEqual([read.events.length, read.isBroken], [0, true])
  }
})

test('a cut log and a broken event are told', () => {
  const read = readLogs([
    `Program ${PUMP} invoke [1]`,
    data(pumpTrade(true).subarray(0, 60)),
    'Log truncated',
  ])
  assert.ok(read.isTruncated)
  assert.deepEqual(read.refused, ['pump.fun: TradeEvent.user: cut off'])
})

test('any lines are read without an error', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'Program ',
      `Program ${PUMP} success`,
      `Program ${PUMP} invoke [1]`,
      `Program ${PUMP} invoke [2]`,
    ),
    fc.constantFrom(
      'Log truncated',
      'Program data: ',
      'Program data: !!!',
      'Program log: ray_log: AAAA',
    ),
    fc.base64String().map(text => `Program data: ${text}`),
    fc.constantFrom(null, 5, {}, []),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), lines => {
      const { events, refused } = readLogs(lines)
      assert.ok(Array.isArray(events) && Array.isArray(refused))
    }),
    { numRuns: 2000 },
  )
})

test('a million-letter line is refused, not decoded', () => {
  const read = readLogs(inFrame(PUMP, `Program data: ${'A'.repeat(1_000_000)}`))
  assert.deepEqual(read.events, [])
  assert.equal(read.refused.length, 1)
})
