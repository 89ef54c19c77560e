import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { makeHome, sluice } from '../../kit/proc.ts'
import { MINUTE, market, T0, token, trade } from './lines.ts'

/** Two tokens over three hours: facts, trades of wallets that win and lose, snapshots. */
const stream: Rec[] = Array.from({ length: 1200 }, (_, i) => {
  const at = T0 + i * 9000
  const mint = i % 2 ? 'CAT' : 'DOG'
  const price = 1 + ((i * 7) % 13) / 10
  if (i % 40 < 2) return token(at, { holderCount: 100 + i, name: 'gem' }, mint)
  if (i % 3 === 0)
    return trade(
      at,
      { price, tokens: 1 + (i % 5), wallet: `W${i % 9}`, side: i % 4 ? 'buy' : 'sell', usd: i },
      mint,
      i,
    )
  return market(
    at,
    { priceSol: price, liquidityUsd: 5000 + i, quoteAmount: String(79_000_000_000 + i) },
    mint,
  )
})
const textOf = (recs: readonly Rec[]): string =>
  recs.map(rec => `${JSON.stringify(rec)}\n`).join('')
const ARGS = [
  'features',
  '--sets',
  'tabular,pool,whales,regime',
  '--smart-ranking',
  '3',
  '--every',
  '0',
  '--quiet',
]

test(
  'killed with -9 anywhere and started again on state and journal: the bytes of a run that ' +
    'never stopped',
  async t => {
    const whole = (await sluice(ARGS, { input: textOf(stream) })).stdout.split('\n')
    for (const fed of [130, 517, 1101]) {
      const home = makeHome(t)
      const args = [...ARGS, '--state', `${home}/state`, '--save-every', `${MINUTE / 1000}s`]
      const first = await sluice(args, {
        home,
        drive: child => {
          let bytes = 0
          const wanted = Buffer.byteLength(whole.slice(0, fed).join('\n'))
          child.stdout?.on('data', chunk => {
            bytes += chunk.length
            if (bytes > wanted) child.kill('SIGKILL')
          })
          child.stdin?.write(textOf(stream.slice(0, fed)))
        },
      })
      assert.equal(first.signal, 'SIGKILL')
      const left = first.stdout.split('\n').slice(0, -1)
      assert.ok(left.length > 0 && left.length <= fed)
      // The journal holds what has left; it comes back as warm lines, and the rest as new ones.
      const replay = stream.map((rec, i) => (i < left.length ? { ...rec, warm: true } : rec))
      const second = await sluice(args, { home, input: textOf(replay as Rec[]) })
      assert.equal(second.code, 0, second.stderr)
      assert.deepEqual([...left, ...second.stdout.split('\n').slice(left.length)], whole)
    }
  },
)
