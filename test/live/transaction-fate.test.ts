import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  actionOf,
  type Flight,
  isDeniedByOne,
  isOver,
  type NodeName,
  next,
  type Observation,
  takeOff,
} from '../../lib/trade/live/send/transaction-fate.ts'

type Rule = 'two-nodes' | 'at-once' | 'one-node'

/**
 * A chain and its nodes: the transaction lands at a block or never, each answer is of a node that
 * is behind by some blocks. Slots and heights run alike here; finality is 32 blocks behind, or one.
 */
interface Chain {
  rule: Rule
  side: 'buy' | 'sell'
  lastValid: number
  landsAt: number | undefined
  isReverted: boolean
  /** Blocks that pass before each answer, how far behind the node is, and what which is asked. */
  answers: { passed: number; behind: number; ask: 'height' | 'status'; node: NodeName }[]
}
const chains = fc.record<Chain>({
  rule: fc.constantFrom<Rule>('two-nodes', 'at-once', 'one-node'),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  lastValid: fc.integer({ min: 1, max: 60 }),
  landsAt: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  isReverted: fc.boolean(),
  answers: fc.array(
    fc.record({
      passed: fc.integer({ min: 0, max: 16 }),
      behind: fc.integer({ min: 0, max: 40 }),
      ask: fc.constantFrom('height' as const, 'status' as const),
      node: fc.constantFrom<NodeName>('node', 'witness'),
    }),
    { minLength: 25, maxLength: 60 },
  ),
})
/** A block takes so long, ms: a minute is 150 blocks. */
const BLOCK_MS = 400

const landing = ({ landsAt, lastValid }: Chain): number | undefined =>
  landsAt !== undefined && landsAt <= lastValid ? landsAt : undefined

function answer(
  chain: Chain,
  flight: Flight,
  now: number,
  { behind, ask, node: asked }: Pick<Chain['answers'][number], 'behind' | 'ask' | 'node'>,
): Observation {
  const { rule, isReverted } = chain
  const node = rule === 'two-nodes' ? asked : 'node'
  const slot = Math.max(0, now - behind)
  const at = landing(chain)
  const isThere = at !== undefined && at <= slot
  if (actionOf(flight) === 'read' && isThere) return { saw: 'effects', isReverted }
  if (ask === 'height') {
    const finality = rule === 'two-nodes' ? 'none' : rule === 'one-node' ? 'final' : 'at-once'
    return { saw: 'height', node, height: slot, slot, finality }
  }
  if (isThere) return { saw: 'status', node, isConfirmed: slot > at }
  return { saw: 'nothing', node, slot, at: now * BLOCK_MS }
}

test('it is called expired only when it can never land, and landed only when it has', () => {
  const expired = { 'two-nodes': 0, finality: 0, 'one-witness': 0 }
  fc.assert(
    fc.property(chains, chain => {
      let now = 0
      let flight = takeOff(chain.lastValid, chain.side)
      for (const { passed, ...how } of chain.answers) {
        now += passed
        const before = flight
        flight = next(flight, answer(chain, flight, now, how))
        if (isOver(before)) assert.deepEqual(flight, before, 'an end is final')
        if (actionOf(before) !== 'send') assert.notEqual(actionOf(flight), 'send')
      }
      const at = landing(chain)
      if (flight.phase === 'expired') {
        assert.ok(flight.proof)
        expired[flight.proof]++
        assert.equal(at, undefined)
        if (flight.proof === 'one-witness') assert.equal(chain.side, 'sell')
      }
      if (flight.phase === 'landed' || flight.phase === 'reverted')
        assert.deepEqual(
          [at !== undefined, flight.phase],
          [true, chain.isReverted ? 'reverted' : 'landed'],
        )
    }),
    { numRuns: 10_000, seed: 1 },
  )
  for (const [proof, times] of Object.entries(expired))
    assert.ok(times > 100, `only ${times} expired by ${proof}: the test says little`)
})

test('nodes that are up to date bring it to its true end, except one node alone with a buy', () => {
  fc.assert(
    fc.property(chains, chain => {
      let flight = takeOff(chain.lastValid, chain.side)
      for (let now = 0; now < 300 && !isOver(flight); now++)
        for (const node of ['node', 'witness'] as const)
          for (const ask of ['status', 'height'] as const)
            flight = next(flight, answer(chain, flight, now, { behind: 0, ask, node }))
      const isThere = landing(chain) !== undefined
      const isUnsaid = chain.rule === 'one-node' && chain.side === 'buy'
      const end = isThere ? (chain.isReverted ? 'reverted' : 'landed') : 'expired'
      assert.equal(flight.phase, isUnsaid && !isThere ? 'doomed' : end)
      if (isUnsaid && !isThere) assert.equal(isDeniedByOne(flight), true)
    }),
    { numRuns: 1000, seed: 2 },
  )
})

const height = (node: NodeName, of: number, slot: number, finality: 'none' | 'final' | 'at-once') =>
  ({ saw: 'height', node, height: of, slot, finality }) as const
const nothing = (node: NodeName, slot: number, at = 0) =>
  ({ saw: 'nothing', node, slot, at }) as const
const after = (side: 'buy' | 'sell', ...seen: Observation[]): Flight =>
  seen.reduce(next, takeOff(100, side))

test('one node is one witness however often it answers; old and early denials are none', () => {
  const passed = height('node', 101, 201, 'none')
  assert.equal(actionOf(takeOff(100, 'buy')), 'send')
  assert.equal(actionOf(after('buy', height('node', 100, 200, 'none'))), 'send')
  assert.equal(actionOf(after('buy', passed)), 'ask')
  const often = Array.from({ length: 50 }, (_, i) => nothing('node', 201 + i, i * 60_000))
  for (const side of ['buy', 'sell'] as const)
    assert.equal(after(side, passed, ...often).phase, 'doomed', 'its confirmed height alone')
  const final = height('node', 101, 201, 'final')
  assert.equal(after('buy', final, ...often).phase, 'doomed')
  assert.equal(
    after('sell', final, nothing('node', 201, 0), nothing('node', 300, 59_999)).phase,
    'doomed',
  )
  assert.equal(
    after('sell', final, nothing('node', 200, 0), nothing('node', 300, 60_000)).phase,
    'doomed',
  )
  const dead = after('sell', final, nothing('node', 201, 0), nothing('node', 300, 60_000))
  assert.deepEqual([dead.phase, dead.proof], ['expired', 'one-witness'])
  assert.equal(after('buy', ...often, ...often).phase, 'open')
})

test('two nodes are two witnesses, each with a height and a denial of its own', () => {
  const node = [height('node', 101, 201, 'none'), nothing('node', 201)]
  const other = [height('witness', 101, 205, 'none'), nothing('witness', 205)]
  assert.equal(
    after('buy', ...node, nothing('witness', 999)).phase,
    'doomed',
    'no height of its own',
  )
  assert.equal(after('buy', ...node, other[0]!, nothing('witness', 204)).phase, 'doomed')
  assert.equal(after('buy', ...node, ...other).proof, 'two-nodes')
  // A node that says a wrong height kills nothing while the other knows the right one.
  assert.equal(
    after('buy', ...node, height('witness', 90, 190, 'none'), nothing('witness', 201)).phase,
    'doomed',
  )
  const saw = { saw: 'status', node: 'witness', isConfirmed: true } as const
  assert.equal(after('buy', ...node, ...other.slice(0, 1), saw).phase, 'doomed', 'one has seen it')
})

test('one finalized height decides where all is final at once, unless the other saw it', () => {
  const final = height('node', 101, 201, 'at-once')
  assert.equal(after('buy', final, nothing('node', 200)).phase, 'doomed')
  assert.equal(after('buy', final, nothing('node', 201)).proof, 'finality')
  const saw = { saw: 'status', node: 'witness', isConfirmed: true } as const
  assert.equal(after('buy', final, saw, nothing('node', 201)).phase, 'doomed')
  // Seen in a block that is not confirmed yet: the denials before it say nothing any more.
  const fork = { saw: 'status', node: 'node', isConfirmed: false } as const
  assert.equal(
    after(
      'sell',
      height('node', 101, 201, 'final'),
      nothing('node', 201, 0),
      fork,
      nothing('node', 300, 60_000),
    ).phase,
    'doomed',
  )
})
