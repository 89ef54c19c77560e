import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { REFUSALS } from '../../lib/trade/live/sign/refused.ts'
import { skip } from '../svm/machine.ts'
import type { Cast, Hostile } from './kit/hostile-stage.ts'

/** What the thief has, and what is ours and no business of the swap. */
const stolen = ({ world, thief, theirs, ours, dog }: Cast) => ({
  lamports: world.lamports(thief.publicKey),
  cats: world.amount(theirs.cat),
  dogs: world.amount(theirs.dog),
  wrapped: world.amount(theirs.wrapped),
  ourDogs: world.amount(ours.dog),
  supply: dog.mint.toBase58(),
})

describe('what an exchange may have signed', { skip, timeout: 300_000 }, () => {
  let dir: string
  let keyFile: string
  const open: Cast[] = []
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-gallery-'))
    keyFile = join(dir, 'wallet.json')
  })
  after(() => {
    for (const { rpc, jupiter } of open) {
      rpc.close()
      jupiter.close()
    }
    rmSync(dir, { recursive: true })
  })

  /** Nothing lands on the common stage; who changes the world has one of his own. */
  let common: Cast | undefined
  const stages = new Map<string, Cast>()
  const stageFor = async (hostile: Hostile): Promise<Cast> => {
    const { corrupt, openCast } = await import('./kit/hostile-stage.ts')
    const { token, before: change, inner, greedy, afterSimulation, reason } = hostile
    const isLanding = reason === 'landed' || reason === 'signed'
    const isMoving = isLanding || (greedy ?? afterSimulation) !== undefined
    const isCommon = !isMoving && (token ?? change ?? inner) === undefined
    const kept = isCommon ? common : stages.get(hostile.name)
    if (!isMoving && kept !== undefined) return kept
    const cast = await openCast(token)
    open.push(cast)
    cast.world.writeKey(keyFile)
    change?.(cast)
    stages.set(hostile.name, cast)
    if (isCommon) common = cast
    if (inner !== undefined) corrupt(cast, greedy === undefined ? inner(cast) : undefined)
    return cast
  }

  test('every case, from every exchange that it may come from', async t => {
    const stage = await import('./kit/hostile-stage.ts')
    const { GALLERY, HONEST } = await import('./kit/hostile.ts')
    for (const hostile of [...HONEST, ...GALLERY])
      for (const way of stage.waysOf(hostile))
        await t.test(`${way.exchange}, version ${way.version}: ${hostile.name}`, async () => {
          const cast = await stageFor(hostile)
          const start = stolen(cast)
          const came = await stage.attempt(cast, hostile, way, keyFile)
          if (hostile.reason !== 'landed' && hostile.reason !== 'signed') {
            assert.equal(came.reason, hostile.reason)
            assert.ok(hostile.reason in REFUSALS)
            assert.equal(came.signed, undefined)
          } else {
            assert.equal(came.reason, undefined)
            assert.deepEqual(came.counted, hostile.counted ?? [])
            stage.afterwards(cast, hostile, 'after-signing')
            const { cluster } = cast.world
            const landed = cluster.land(cluster.decode(came.signed!.tx))
            assert.equal(
              landed?.error === null,
              hostile.reason === 'signed',
              `${landed?.logs.join('\n')}`,
            )
          }
          assert.deepEqual(stolen(cast), start)
        })
  })

  test('it has at least twenty hostile cases, and one for each reason', async () => {
    const { GALLERY } = await import('./kit/hostile.ts')
    assert.ok(GALLERY.length >= 20)
    const shown = new Set(GALLERY.map(({ reason }) => reason))
    const missing = Object.keys(REFUSALS).filter(reason => !shown.has(reason))
    assert.deepEqual(missing, [])
  })
})
