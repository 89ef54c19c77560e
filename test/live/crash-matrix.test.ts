import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HaltError } from '../../lib/base/errors.ts'
import { ALPENGLOW, TOWER } from '../svm/cluster.ts'
import { skip } from '../svm/machine.ts'
import { assertBookIsWallet } from './kit/book.ts'
import { type Death, decide, openStage, runTwin, type Stage } from './kit/twin.ts'

/** Where a run is killed: each step from the plan to the look at what has landed. */
const DEATHS: Record<string, Death | undefined> = {
  nowhere: undefined,
  planned: { method: 'quote', nth: 1, when: 'before' },
  quoted: { method: 'build', nth: 1, when: 'before' },
  built: { method: 'simulate', nth: 1, when: 'before' },
  simulated: { method: 'latest', nth: 1, when: 'after' },
  signed: { method: 'send', nth: 1, when: 'before' },
  sent: { method: 'send', nth: 1, when: 'after' },
  seen: { method: 'transaction', nth: 1, when: 'before' },
  reconciled: { method: 'transaction', nth: 1, when: 'after' },
}

/** What goes wrong outside. */
const TROUBLES: Record<string, (stage: Stage) => void> = {
  landed: () => undefined,
  dropped: ({ rpc }) => rpc.faults.add('sendTransaction', 'drop', 4),
  'late landing': ({ rpc }) => rpc.faults.add('sendTransaction', { delay: 30 }, 1),
  reverted: ({ rpc }) => rpc.faults.add('sendTransaction', 'revert', 1),
  'slow status': ({ rpc }) => rpc.faults.add('getSignatureStatuses', 'no-status', 12),
  'lagging node': ({ rpc }) => {
    // Long after the transaction would have been dead: a node that is behind denies what has
    // landed.
    rpc.faults.add('getSignatureStatuses', { lag: 500 }, 120)
    rpc.faults.add('getTransaction', { lag: 500 }, 3)
  },
  '429': ({ rpc, jupiter }) => {
    for (const method of [
      'sendTransaction',
      'getSignatureStatuses',
      'getEpochInfo',
      'getTransaction',
    ])
      rpc.faults.add(method, 'too-many', 3)
    jupiter.faults.add('/swap/v1/quote', 'too-many', 3)
  },
  '502 after landing': ({ rpc }) => rpc.faults.add('sendTransaction', 'bad-gateway-after', 3),
  'hung socket': ({ rpc }) => {
    rpc.faults.add('sendTransaction', 'hang-after', 2)
    rpc.faults.add('getSignatureStatuses', 'hang', 1)
  },
  'duplicate decision': () => undefined,
  'newer blockhash': () => undefined,
  'version 1': stage => {
    stage.live = { exchange: 'jupiter-v2', transactionVersion: 1 }
  },
}

/**
 * One cell: a run that is killed, and one after it that gets the same decision and another one for
 * the same token.
 */
async function cell(death: Death | undefined, name: string): Promise<boolean> {
  const stage = await openStage(true, name === 'version 1' ? ALPENGLOW : TOWER)
  try {
    TROUBLES[name]?.(stage)
    const first = decide(stage)
    const again = name === 'duplicate decision' ? [first, first] : [first]
    const before = await runTwin(stage, again, death)
    if (name === 'newer blockhash') stage.world.cluster.advance(200)
    const after = await runTwin(stage, [...again, decide(stage)])
    if (name === 'version 1') assert.equal(stage.world.swaps()[0]?.wire.version, 1)
    const said = [...before.lines, ...after.lines].map(({ order, kind }) => order?.state ?? kind)
    assert.equal(
      stage.world.swaps().length,
      1,
      `${name}: swaps after ${said} (${before.error}, ${after.error})`,
    )
    assert.ok(stage.wallet().tokens > 0n)
    assertBookIsWallet(stage.ledger, stage.wallet(), stage.token.mint.toBase58())
    return before.hasDied
  } finally {
    stage.close()
  }
}

describe('killed at every step under every trouble: one buy, and the book is the wallet', {
  skip,
  timeout: 120_000,
}, () => {
  for (const [step, death] of Object.entries(DEATHS))
    test(`killed ${step === 'nowhere' ? step : `when ${step}`}`, async () => {
      for (const name of Object.keys(TROUBLES)) {
        const hasDied = await cell(death, name)
        assert.equal(hasDied, death !== undefined, `${name}: died`)
      }
    })
})

test('an outcome that nobody can tell is said, blocks its token, wants a human, and is found out ' +
  'later', {
  skip,
}, async () => {
  const stage = await openStage()
  try {
    stage.rpc.faults.add(
      'getSignatureStatuses',
      { error: { code: -32005, message: 'Node is behind' } },
      100_000,
    )
    const first = decide(stage)
    const before = await runTwin(stage, [first], undefined, new Set(['unknown']))
    assert.equal(before.lines.at(-1)?.order?.state, 'unknown')
    assert.ok(before.error instanceof HaltError, String(before.error))
    assert.match(before.error.message, /nobody can tell what became of it/)
    stage.rpc.faults.clear()
    const after = await runTwin(stage, [first, decide(stage)])
    assert.deepEqual(
      after.lines.map(({ order, kind }) => order?.state ?? kind),
      ['chain', 'fill', 'landed', 'position', 'refused'],
    )
    assert.equal(stage.world.swaps().length, 1)
    assertBookIsWallet(stage.ledger, stage.wallet(), stage.token.mint.toBase58())
  } finally {
    stage.close()
  }
})
