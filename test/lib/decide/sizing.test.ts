import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOfCash } from '../../../lib/trade/cash-share.ts'
import { sh } from '../../kit/proc.ts'

test('a default amount is the share of the cash that it is of 10 SOL; a given one stays', () => {
  const size = 100_000_000n
  const fees = { networkFee: 5000n, priorityFee: 20_000n, maxPriorityFee: 500_000n, relayTip: 0n }
  const fitted = (cash: bigint, given: string[] = []) =>
    shareOfCash({ size, rules: [] }, fees, cash, flag => given.includes(flag))
  // 0.1 of 10 is 1 %: 100 of 10,000, and 0.000001 of 0.0001.
  assert.equal(fitted(10_000_000_000_000n).size, 100_000_000_000n)
  assert.equal(fitted(100_000n).size, 1_000n)
  assert.equal(fitted(10_000_000_000n).size, size)
  assert.equal(fitted(10_000_000_000_000n, ['size']).size, size)
  // 0.000005, 0.00002 and 0.0005 of 10.
  const shares = 'network-fee 0.00005 %, priority-fee 0.0002 %, max-priority-fee 0.005 %'
  assert.equal(fitted(10_000_000_000_000n).text, `size 1 %, ${shares}`)
  assert.equal(fitted(10_000_000_000_000n, ['size']).text, shares)
  assert.equal(fitted(10_000_000_000_000n).fees.priorityFee, 20_000_000n)
})

const bar = (currency: string | undefined, confidence = 1): string =>
  `${JSON.stringify({
    v: 1,
    id: 'c:1',
    ts: 600_000,
    kind: 'candle',
    mint: 'M',
    source: 't',
    candle: {
      intervalMs: 300_000,
      openAt: 300_000,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1e9,
      ...(currency === undefined ? {} : { currency }),
    },
    score: { mine: { value: confidence, at: 600_000 } },
  })}\n`

const decided = async (input: string, flags = ''): Promise<Record<string, unknown>> => {
  const without = '--without confidence,holders,top10,lp-burned,freeze,mint,liquidity,impact'
  const line = `gate --quiet ${without} --weights mine=1 --min-combined 0.5 ${flags}`
  const done = await sh(line, { input })
  assert.equal(done.code, 0, done.stderr)
  return JSON.parse(done.stdout).decision
}

// A size in SOL means nothing to a cash in dollars, and gate knows no cash: it says of which cash
// its size is a share, unless somebody gave the size.
test('gate says which cash its size is for, where prices are not in SOL', async () => {
  const share = { sizeLamports: '100000000', sizeCashLamports: '10000000000' }
  for (const [input, flags, expected] of [
    [bar('usd'), '', share],
    [bar(undefined), '', share],
    [bar('sol'), '', { sizeLamports: '100000000', sizeCashLamports: undefined }],
    [bar('usd'), '--size 0.1', { sizeLamports: '100000000', sizeCashLamports: undefined }],
    // The defaults are 0.1 and 0.5: of 250 at most a fifth, of a size of 20 all of it.
    [bar('usd'), '--max-size 250', { sizeLamports: '50000000000', sizeCashLamports: undefined }],
    [bar('usd'), '--size 20', { sizeLamports: '20000000000', sizeCashLamports: undefined }],
    [
      bar('usd'),
      '--size 20 --max-size 8',
      { sizeLamports: '8000000000', sizeCashLamports: undefined },
    ],
    [bar('sol'), '--max-size 0.05', { sizeLamports: '50000000', sizeCashLamports: undefined }],
    [bar('sol'), '--size 20', { sizeLamports: '500000000', sizeCashLamports: undefined }],
  ] as const) {
    const { act, sizeLamports, sizeCashLamports } = await decided(input, flags)
    assert.equal(act, 'buy', JSON.stringify(await decided(input, flags)))
    assert.deepEqual({ sizeLamports, sizeCashLamports }, expected, `${input} ${flags}`)
  }
})
