import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeRng, type Rng } from '../../lib/base/rng.ts'
import type { Fault } from '../svm/faults.ts'
import { skip } from '../svm/machine.ts'
import { assertBookIsWallet } from './kit/book.ts'
import { type Death, decide, openStage, runTwin, type Stage } from './kit/twin.ts'

const RUNS = Number(process.env.SLUICE_LIVE_RUNS ?? 100)
const pick = <T>(rng: Rng, of: readonly T[]): T => of[rng.below(of.length)] as T

const METHODS = [
  'sendTransaction',
  'getSignatureStatuses',
  'getEpochInfo',
  'getTransaction',
  'simulateTransaction',
]
const SENDING: Fault[] = [
  'drop',
  'revert',
  'bad-gateway-after',
  'hang-after',
  { delay: 20 },
  { delay: 140 },
]
const ANY: Fault[] = [
  'too-many',
  'bad-gateway',
  'bad-gateway-after',
  'hang',
  { lag: 30 },
  { lag: 400 },
]
const ASKS = [
  'quote',
  'build',
  'simulate',
  'latest',
  'send',
  'status',
  'height',
  'transaction',
  'accounts',
]

/**
 * Up to four troubles of random kind and length. A node that lies about what it has not seen would
 * be no proof.
 */
function trouble({ rpc, jupiter }: Stage, rng: Rng): string {
  const said: string[] = []
  for (let i = rng.below(5); i > 0; i--) {
    const method = pick(rng, METHODS)
    const fault =
      method === 'sendTransaction' && rng.next() < 0.7 ? pick(rng, SENDING) : pick(rng, ANY)
    // A lag may outlast the life of a transaction: 150 blocks of 400 ms, asked every 800 ms.
    const times = 1 + rng.below(typeof fault === 'object' && 'lag' in fault ? 150 : 12)
    rpc.faults.add(method, fault, times)
    said.push(`${method} ${JSON.stringify(fault)} ×${times}`)
  }
  if (rng.next() < 0.3)
    jupiter.faults.add(pick(rng, ['/swap/v1/quote', '/swap/v1/swap']), pick(rng, ANY), rng.below(3))
  return said.join(', ')
}

const deathOf = (rng: Rng): Death | undefined =>
  rng.next() < 0.75
    ? {
        method: pick(rng, ASKS),
        nth: 1 + rng.below(3),
        when: pick(rng, ['before', 'after'] as const),
      }
    : undefined

/**
 * Up to four lives over one growing list of decisions for one token; the last life is left in
 * peace.
 */
async function live(seed: number): Promise<void> {
  const rng = makeRng(`live/${seed}`)
  const stage = await openStage()
  const story: string[] = []
  try {
    const raws: string[] = []
    for (let lives = rng.below(4); lives > 0; lives--) {
      raws.push(decide(stage))
      const death = deathOf(rng)
      story.push(`${trouble(stage, rng)}; dies ${JSON.stringify(death)}`)
      await runTwin(stage, raws, death)
      if (rng.next() < 0.3) stage.world.cluster.advance(rng.below(400))
    }
    for (const { faults } of [stage.rpc, stage.jupiter]) faults.clear()
    raws.push(decide(stage))
    const { lines, error } = await runTwin(stage, raws)
    story.push(`${lines.map(({ order, kind }) => order?.state ?? kind)} (${error})`)
    assert.equal(stage.world.swaps().length, 1, 'swaps')
    assertBookIsWallet(stage.ledger, stage.wallet(), stage.token.mint.toBase58())
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${story.join('\n')}`, {
      cause: error,
    })
  } finally {
    stage.close()
  }
}

describe(`${RUNS} random lives: one buy each, and the book is the wallet`, {
  skip,
  timeout: 600_000,
}, () => {
  for (let from = 0; from < RUNS; from += 25)
    test(`seeds ${from} to ${Math.min(RUNS, from + 25) - 1}`, async () => {
      for (let seed = from; seed < Math.min(RUNS, from + 25); seed++) await live(seed)
    })
})
