import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TemporaryError } from '../../../../lib/base/errors.ts'
import { makeRng } from '../../../../lib/base/rng.ts'
import { patientCalls } from '../../../../lib/sources/rpc/patience.ts'
import { heard, track } from '../../../../lib/sources/rpc/recent.ts'
import { keepHearing } from '../../../../lib/sources/rpc/silence.ts'
import { makeSubscriptions } from '../../../../lib/sources/rpc/subscriptions.ts'

/** A time that only waiting moves, in the order of what is waited for. */
function heldTime() {
  let now = 0
  const waiting: { at: number; go(): void }[] = []
  return {
    now: () => now,
    sleep: (ms: number) =>
      new Promise<void>(go => void waiting.push({ at: now + Math.max(1, ms), go })),
    async runUntil(end: number) {
      for (;;) {
        for (let i = 0; i < 20; i++) await Promise.resolve()
        await new Promise(resolve => setImmediate(resolve))
        waiting.sort((a, b) => a.at - b.at)
        const next = waiting[0]
        if (next === undefined || next.at > end) break
        waiting.shift()
        now = next.at
        next.go()
      }
      now = end
    },
  }
}
const signal = new AbortController().signal

test('a node that refuses a method is asked ever less often, however many want it', async () => {
  const time = heldTime()
  const at: number[] = []
  let isWell = false
  const call = patientCalls(
    async method => {
      if (method === 'getSlot') return 1
      at.push(time.now())
      if (!isWell) throw new TemporaryError('rpc: getTransaction: -32005 behind')
      return 'found'
    },
    time,
    makeRng('gate'),
  )
  const found: unknown[] = []
  for (let i = 0; i < 40; i++)
    void (async () => {
      for (;;) {
        const got = await call('getTransaction', [], signal, 'high').catch(() => undefined)
        if (got !== undefined) return found.push(got)
        await time.sleep(500)
      }
    })()
  // All that were under way before the first refusal came are one burst; then one at a time asks.
  await time.runUntil(12_000)
  const later = at.filter(when => when > 0)
  assert.ok(later.length <= 24, `${later.length} calls`)
  const half = later.filter(when => when < 6000).length
  assert.ok(later.length - half < half, `${half} of ${later.length} in the first half`)
  assert.equal(await call('getSlot', [], signal, 'high'), 1)
  isWell = true
  await time.runUntil(120_000)
  assert.equal(found.length, 40)
})

test('a subscription that was refused, or not answered, is asked for again', () => {
  const sent: any[] = []
  const subscriptions = makeSubscriptions(makeRng('refused'))
  subscriptions.open(message => sent.push(message))
  subscriptions.want({ kind: 'logs', address: 'A' })
  const asks = () => sent.filter(({ method }) => method === 'logsSubscribe')
  const say = (message: object) => subscriptions.read(Buffer.from(JSON.stringify(message)))
  let now = 0
  for (; now < 12_000; now += 500) {
    const last = asks().at(-1)
    say({ id: last.id, error: { code: 7429 } })
    subscriptions.askAgain(now)
  }
  const early = asks().length
  assert.ok(early > 2 && early <= 24, `${early} times`)
  // It was asked for last after a pause; now nobody answers, and then somebody does.
  for (; now < 120_000; now += 500) subscriptions.askAgain(now)
  assert.ok(asks().length > early)
  const notice = say({ id: asks().at(-1).id, result: 7 })
  assert.deepEqual(notice, { kind: 'subscribed', want: { kind: 'logs', address: 'A' } })
  const settled = asks().length
  for (; now < 240_000; now += 500) subscriptions.askAgain(now)
  assert.equal(asks().length, settled)
})

/** Listens for a while to one address of which notices come, or not, by the second. */
async function silence({
  notices,
  moves,
  missed,
}: Record<'notices' | 'moves' | 'missed', number[]>) {
  const time = heldTime()
  const entry = track('P', 'pump.fun', 0)
  entry.openAt = 0
  const gaps: { at: number; fromAt: number }[] = []
  const renewed: number[] = []
  const asked: number[] = []
  let movedAt = 0
  const stop = new AbortController()
  const all = {
    loop: {
      time,
      signal: stop.signal,
      put: async ([line]: any[]) => void gaps.push({ at: time.now(), fromAt: line.rec.gap.fromAt }),
    },
    options: { count: () => undefined },
    tracked: new Map([['P', entry]]),
    reserves: { movedAt: () => movedAt },
    handler: {
      aliveAt: () => time.now(),
      fillGap: async () => {
        asked.push(time.now())
        if (missed.length > 0 && missed[0]! * 1000 < time.now()) {
          missed.shift()
          entry.fetched++
        }
      },
    },
    subscriptions: {
      askAgain: () => [],
      renew: () => {
        renewed.push(time.now())
        entry.openAt = time.now()
      },
    },
  }
  void keepHearing(all as never)
  for (let second = 1; second <= 60; second++) {
    await time.runUntil(second * 1000)
    if (notices.includes(second)) heard(entry, time.now())
    if (moves.includes(second)) movedAt = time.now()
  }
  stop.abort()
  return { gaps, renewed, asked }
}
const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)

test('logs that stop while the pool is traded are a gap within ten seconds', async () => {
  const { gaps, renewed } = await silence({
    notices: seconds(1, 20),
    moves: [...seconds(1, 20), 21],
    missed: [],
  })
  assert.equal(gaps.length, 1)
  assert.ok(gaps[0]!.at - 21_000 <= 10_000, `${gaps[0]!.at}`)
  assert.deepEqual([gaps[0]!.fromAt, renewed.length], [19_000, 1])
})

test('logs that stop without a sign are looked into: dead where something happened', async () => {
  const dead = await silence({ notices: seconds(1, 20), moves: [], missed: [20] })
  assert.ok(dead.gaps.length === 1 && dead.gaps[0]!.at <= 30_000)
  assert.equal(dead.renewed.length, 1)
  const quiet = await silence({ notices: seconds(1, 20), moves: [], missed: [] })
  assert.deepEqual([quiet.gaps, quiet.renewed], [[], []])
  // The pauses between two looks grow with the silence.
  assert.ok(quiet.asked.length >= 1 && quiet.asked.length <= 5, `${quiet.asked}`)
})
