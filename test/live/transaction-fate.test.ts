import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  actionOf,
  type Flight,
  isOver,
  next,
  type Observation,
  takeOff,
} from '../../lib/trade/live/send/transaction-fate.ts'

/**
 * A chain and its nodes: the transaction lands at a block or never, each answer is of a node that
 * is behind by some blocks. Slots and heights run alike here.
 */
interface Chain {
  lastValid: number
  landsAt: number | undefined
  isReverted: boolean
  /** Blocks that pass before each answer, how far behind the node is, and what it is asked. */
  answers: { passed: number; behind: number; ask: 'height' | 'status' }[]
}
const chains = fc.record<Chain>({
  lastValid: fc.integer({ min: 1, max: 60 }),
  landsAt: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  isReverted: fc.boolean(),
  answers: fc.array(
    fc.record({
      passed: fc.integer({ min: 0, max: 8 }),
      behind: fc.integer({ min: 0, max: 40 }),
      ask: fc.constantFrom('height' as const, 'status' as const),
    }),
    { minLength: 25, maxLength: 60 },
  ),
})

const landing = ({ landsAt, lastValid }: Chain): number | undefined =>
  landsAt !== undefined && landsAt <= lastValid ? landsAt : undefined

function answer(
  chain: Chain,
  flight: Flight,
  now: number,
  behind: number,
  ask: 'height' | 'status',
): Observation {
  const slot = Math.max(0, now - behind)
  const at = landing(chain)
  const isThere = at !== undefined && at <= slot
  if (actionOf(flight) === 'read' && isThere)
    return { saw: 'effects', isReverted: chain.isReverted }
  if (ask === 'height') return { saw: 'height', height: slot, slot }
  return isThere ? { saw: 'status', isConfirmed: slot > at } : { saw: 'nothing', slot }
}

test('it is called expired only when it can never land, and landed only when it has', () => {
  let expired = 0
  fc.assert(
    fc.property(chains, chain => {
      let now = 0
      let flight = takeOff(chain.lastValid)
      for (const { passed, behind, ask } of chain.answers) {
        now += passed
        const before = flight
        flight = next(flight, answer(chain, flight, now, behind, ask))
        if (isOver(before)) assert.deepEqual(flight, before, 'an end is final')
        if (actionOf(flight) !== 'send')
          assert.notEqual(actionOf(next(flight, { saw: 'height', height: 0, slot: 0 })), 'send')
      }
      const at = landing(chain)
      if (flight.phase === 'expired') {
        expired++
        assert.equal(at, undefined)
      }
      if (flight.phase === 'landed' || flight.phase === 'reverted')
        assert.deepEqual(
          [at !== undefined, flight.phase],
          [true, chain.isReverted ? 'reverted' : 'landed'],
        )
    }),
    { numRuns: 20_000, seed: 1 },
  )
  assert.ok(expired > 500, `only ${expired} expired: the test says little`)
})

test('nodes that are up to date bring it to its true end', () => {
  fc.assert(
    fc.property(chains, chain => {
      let flight = takeOff(chain.lastValid)
      for (let now = 0; now < 130 && !isOver(flight); now++)
        for (const ask of ['status', 'height'] as const)
          flight = next(flight, answer(chain, flight, now, 0, ask))
      const isThere = landing(chain) !== undefined
      assert.equal(flight.phase, isThere ? (chain.isReverted ? 'reverted' : 'landed') : 'expired')
    }),
    { numRuns: 2000, seed: 2 },
  )
})

test('one denial is no proof, nor is an old one, nor one before the height has passed', () => {
  const passed = next(takeOff(100), { saw: 'height', height: 101, slot: 201 })
  assert.equal(actionOf(takeOff(100)), 'send')
  assert.equal(actionOf(next(takeOff(100), { saw: 'height', height: 100, slot: 200 })), 'send')
  assert.equal(actionOf(passed), 'ask')
  const denied = next(passed, { saw: 'nothing', slot: 201 })
  assert.equal(denied.phase, 'doomed')
  assert.equal(next(denied, { saw: 'nothing', slot: 200 }).phase, 'doomed')
  assert.equal(next(denied, { saw: 'nothing', slot: 201 }).phase, 'expired')
  let early = takeOff(100)
  for (let i = 0; i < 5; i++) early = next(early, { saw: 'nothing', slot: 500 })
  assert.equal(early.phase, 'open')
  // Seen in a block that is not confirmed yet: the denials before it say nothing any more.
  assert.equal(next(denied, { saw: 'status', isConfirmed: false }).denials, 0)
})
