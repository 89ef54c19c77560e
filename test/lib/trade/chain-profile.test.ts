import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  chainDifference,
  chainText,
  lifetimeMs,
  RELEASE_CHAIN,
  readChain,
} from '../../../lib/trade/chain-profile.ts'
import { paperCosts } from '../../../lib/trade/paper/paper-costs.ts'
import { makeHome, sluice } from '../../kit/proc.ts'

/** Mainnet until summer 2026: 400 ms slots; (128 + 165) × 6,960 lamports for a token account. */
const OLD = {
  ...RELEASE_CHAIN,
  name: 'mainnet@2025-11-20',
  slotMs: 400,
  tokenAccountRent: 2_039_280n,
  consensus: 'tower' as const,
  commitment: 'confirmed' as const,
}

test('what is written is read, and says what differs', t => {
  const path = join(makeHome(t), 'chain.json')
  for (const chain of [RELEASE_CHAIN, OLD]) {
    writeFileSync(path, chainText(chain))
    assert.deepEqual(readChain(path), chain)
    assert.deepEqual(chainDifference(chain, chain), [])
  }
  assert.deepEqual(chainDifference(RELEASE_CHAIN, OLD), [
    'slotMs 214 instead of 400',
    'tokenAccountRent 1488440 instead of 2039280',
    'consensus alpenglow instead of tower',
  ])
  assert.equal((128n + 165n) * 5080n, RELEASE_CHAIN.tokenAccountRent)
  assert.equal(lifetimeMs(OLD), 60_000)
})

test('a wrong profile is refused with its file and field', t => {
  const path = join(makeHome(t), 'chain.json')
  const good = JSON.parse(chainText(OLD))
  for (const [change, message] of [
    [{ slotMs: 0 }, /chain\.json: slotMs: expected a number from 1 to 60000, got 0/],
    [{ slotMs: '400' }, /slotMs: expected a number/],
    [{ tokenAccountRent: 2039280 }, /tokenAccountRent: expected lamports as a string/],
    [{ tokenAccountRent: '99999999999' }, /tokenAccountRent/],
    [{ lifetimeBlocks: 1.5 }, /lifetimeBlocks: expected a whole number/],
    [{ consensus: 'luck' }, /consensus: expected tower or alpenglow or unknown/],
    [{ name: '\u001b[31m' }, /name: expected a name/],
    [{ genesis: 5 }, /genesis: expected a hash/],
    [{ commitment: undefined }, /commitment: expected confirmed or finalized, got null/],
  ] as const) {
    writeFileSync(path, JSON.stringify({ ...good, ...change }))
    assert.throws(() => readChain(path), message)
  }
  for (const text of ['[]', 'null', '{', '"x"']) {
    writeFileSync(path, text)
    assert.throws(() => readChain(path), /--chain .*chain\.json/)
  }
})

test('paper costs are those of the chain unless somebody says otherwise', async t => {
  const home = makeHome(t)
  const path = join(home, 'chain.json')
  writeFileSync(path, chainText(OLD))
  const flags = { chain: path } as Parameters<typeof paperCosts>[0]
  const { expiry, rent } = paperCosts(flags)
  assert.deepEqual([expiry, rent], [60_000, 2_039_280n])
  assert.equal(paperCosts({ ...flags, expiry: 1000, rent: 0n }).expiry, 1000)
  const market = await sluice(
    ['discover', '--source', 'sim', '--days', '0.5', '--seed', '7', '--quiet'],
    { home },
  )
  const line = 'features --sets pool | strategy | gate --without confidence | execute'
  const trades = async (argv: string): Promise<string> =>
    (await sluice(['run', `${line} ${argv}`], { home, input: market.stdout })).stdout
  const fillsOf = (text: string): { chain: string; slots: number; rentLamports?: string }[] =>
    text
      .split('\n')
      .filter(text => text.includes('"kind":"fill"'))
      .map(text => JSON.parse(text).fill)
  const now = await trades('')
  const [today, old] = [fillsOf(now), fillsOf(await trades(`--chain ${path}`))]
  assert.ok(today.length > 2 && old.length > 2, `${today.length} and ${old.length} fills`)
  assert.deepEqual(new Set(today.map(({ chain }) => chain)), new Set(['mainnet@2026-10-27']))
  assert.deepEqual(new Set(old.map(({ chain }) => chain)), new Set(['mainnet@2025-11-20']))
  assert.equal(old.find(({ rentLamports }) => rentLamports !== '0')?.rentLamports, '2039280')
  const told = await sluice(['report', '--format', 'text'], { home, input: now })
  assert.match(told.stdout, /as on the chain +mainnet@2026-10-27/)
})
