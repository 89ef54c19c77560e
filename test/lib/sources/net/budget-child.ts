import { makeRng } from '../../../../lib/base/rng.ts'
import { makeBudget } from '../../../../lib/sources/net/budget.ts'
import { realTime } from '../../../../lib/sources/net/timing.ts'

/** Asks for turns until told to stop; prints the time of each. */
const [dir = '', seed = ''] = process.argv.slice(2)
const budget = makeBudget(dir, realTime, makeRng(seed))
const { signal } = new AbortController()
for (let i = 0; i < 10; i++) {
  await budget.turn('api.test', 'key', { perMinute: 1200, burst: 2 }, { priority: 'high' }, signal)
  process.stdout.write(`${Date.now()}\n`)
}
