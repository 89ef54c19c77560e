import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fate from '../../lib/trade/live/send/transaction-fate.ts'
import { checkAll } from './model/checker.ts'
import { type Bounds, type Fate, oneTransaction } from './model/one-transaction.ts'

type Flight = ReturnType<typeof fate.takeOff>
const MOST = { side: 'buy', nodes: 2, hasWitness: true, crashes: 2, jumps: 1 } as const

const SETS: readonly Bounds[] = [
  { ...MOST, nodes: 1, hasWitness: false },
  { ...MOST, nodes: 1, hasWitness: false, side: 'sell' },
  // Three nodes with two deaths; the same of a sale is in the soak.
  MOST,
  ...(process.env.SLUICE_WHOLE_MODEL === '1' ? [{ ...MOST, side: 'sell' } as const] : []),
]

test('one signed transaction, in every order of things: what the ledger says is so', t => {
  for (const bounds of SETS) {
    const { states, steps, failure } = checkAll(oneTransaction<Flight>(fate, bounds))
    assert.deepEqual(failure, undefined)
    const nodes = `${bounds.nodes} nodes${bounds.hasWitness ? ' and a witness' : ''}`
    const about = `${bounds.side}, ${nodes}, ${bounds.crashes} crashes, ${bounds.jumps} clock jumps`
    t.diagnostic(`${about}: ${states} states, ${steps} steps, all of them looked at`)
    assert.ok(states > 5000, `only ${states} states: the model says little`)
  }
})

/** Mistakes that are easily made; each must be found. */
const MISTAKES: Record<string, [Partial<Fate<Flight>>, RegExp]> = {
  'a denial counts, however far behind the node is': [
    {
      next: (flight, seen) =>
        fate.next(flight, seen.saw === 'nothing' ? { ...seen, slot: 1e9 } : seen),
    },
    /called expired/,
  ],
  'the end of its life counts as its end': [
    {
      next: (flight, seen) =>
        seen.saw === 'height' && seen.height >= flight.lastValid
          ? { ...flight, phase: 'expired' }
          : fate.next(flight, seen),
    },
    /called expired/,
  ],
  'what is in the newest block counts as landed': [
    {
      next: (flight, seen) =>
        seen.saw === 'status' ? { ...flight, phase: 'landed' } : fate.next(flight, seen),
    },
    /called landed/,
  ],
  'what may be dead is only looked for in blocks': [
    { actionOf: flight => (flight.phase === 'doomed' ? 'read' : fate.actionOf(flight)) },
    /no good end/,
  ],
}

for (const [name, [mistake, why]] of Object.entries(MISTAKES))
  test(`found: ${name}`, () => {
    const bounds = { ...MOST, side: 'sell', hasWitness: false, crashes: 0 } as const
    const { failure } = checkAll(oneTransaction<Flight>({ ...fate, ...mistake }, bounds))
    assert.match(failure?.why ?? 'nothing', why)
    assert.ok((failure?.way.length ?? 0) > 0)
  })
