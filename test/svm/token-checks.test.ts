import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { PublicKey } from '@solana/web3.js'
import { makeRng } from '../../lib/base/rng.ts'
import { LOCK_AUTHORITY, PROGRAMS } from '../../lib/sources/decode/programs.ts'
import { makeBudget } from '../../lib/sources/net/budget.ts'
import { makeHttp } from '../../lib/sources/net/http.ts'
import { makeRpc } from '../../lib/sources/rpc/client.ts'
import type { TxVersion } from '../../lib/trade/live/sign/tx-versions.ts'
import { makeTokenAsker } from '../../lib/trade/live/token/ask-token.ts'
import { checkToken } from '../../lib/trade/live/token/check-token.ts'
import { holderSellCheck } from '../../lib/trade/live/token/sell-checks.ts'
import type { TokenAsker } from '../../lib/trade/live/token/token-asker.ts'
import type { TokenVerdict } from '../../lib/trade/live/token/token-check.ts'
import { fastTime } from '../exchange/time.ts'
import { account, u64 } from '../lib/sources/decode/bytes.ts'
import { ALPENGLOW } from './cluster.ts'
import type { Jupiter } from './jupiter/jupiter.ts'
import { skip } from './machine.ts'
import type { RpcServer } from './rpc/rpc.ts'
import type { Token, TokenOptions, World } from './world.ts'

const LIMITS = { maxTransferFeeBps: 100, minLpBurnedShare: 0.95, maxTop10Share: 0.5 }
const LP_ISSUED = 1_000_000_000n

describe('token checks on a real machine', { skip }, () => {
  let machine: typeof import('./world.ts')
  let tokens: typeof import('./tokens.ts')
  let world: World
  let rpc: RpcServer
  let jupiter: Jupiter
  let asker: TokenAsker
  const dir = mkdtempSync(join(tmpdir(), 'sluice-token-'))

  before(async () => {
    machine = await import('./world.ts')
    tokens = await import('./tokens.ts')
    // A chain that takes both versions.
    world = machine.makeWorld(undefined, ALPENGLOW)
    rpc = await (await import('./rpc/rpc.ts')).openRpc(world.cluster)
    jupiter = await (await import('./jupiter/jupiter.ts')).openJupiter(world)
    const time = fastTime(50)
    const http = makeHttp({
      budget: makeBudget(dir, time, makeRng(1)),
      time,
      count: () => undefined,
      tries: 2,
    })
    const at = {
      http,
      base: jupiter.url,
      key: jupiter.key,
      wallet: '',
      perMinute: 60_000,
      timeoutMs: 5000,
    }
    const signal = new AbortController().signal
    asker = makeTokenAsker({
      rpc: makeRpc(http, new URL(rpc.url), 60_000),
      jupiter: at,
      slippageBps: 300,
      versions: () => [0],
      signal,
    })
  })
  after(() => {
    rpc?.close()
    jupiter?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const check = (token: Token, more: object = {}, by = asker): Promise<TokenVerdict> =>
    checkToken(by, {
      mint: token.mint.toBase58(),
      pool: token.pool.toBase58(),
      decimals: token.decimals,
      wallet: world.wallet.publicKey.toBase58(),
      lamports: 100_000_000n,
      limits: LIMITS,
      ...more,
    })
  const of = (verdict: TokenVerdict, name: string) =>
    verdict.checks.find(each => each.check === name)
  const failed = (verdict: TokenVerdict): string[] =>
    verdict.checks.filter(({ result }) => result === 'fail').map(each => each.check)

  /** Makes the pool look like one of Raydium CPMM whose liquidity tokens have this supply now. */
  const asCpmm = (token: Token, supply: bigint, owner: PublicKey = world.admin.publicKey): void => {
    const lp = machine.keypair(`lp ${token.mint}`)
    const { admin } = world
    const lamportsFor = (bytes: number): number =>
      Number(world.cluster.svm.minimumBalanceForRentExemption(BigInt(bytes)))
    const about = { decimals: 9, mintAuthority: admin.publicKey }
    world.run(
      admin,
      tokens.createMint(admin.publicKey, lp.publicKey, tokens.TOKEN_ID, lamportsFor, about),
      [lp],
    )
    const to = tokens.ata(lp.publicKey, owner)
    const make = tokens.createAta(admin.publicKey, lp.publicKey, owner)
    if (supply > 0n)
      world.run(admin, [make, tokens.mintTo(lp.publicKey, to, admin.publicKey, supply)])
    const data = account(637, {
      0: Buffer.from('f7ede3f5d7c3de46', 'hex'),
      136: lp.publicKey.toBuffer(),
      168: token.mint.toBuffer(),
      200: tokens.NATIVE_MINT.toBuffer(),
      333: u64(LP_ISSUED),
    })
    const about2 = { executable: false, lamports: 10_000_000n as never, space: 637n }
    world.cluster.svm.setAccount({
      address: token.pool.toBase58() as never,
      programAddress: PROGRAMS['raydium-cpmm'] as never,
      ...about2,
      data: new Uint8Array(data),
    })
  }
  /** A token with holders other than its pool, authorities given up unless kept. */
  const listed = (
    name: string,
    options: TokenOptions = {},
    kept: ('mint' | 'freeze')[] = [],
  ): Token => {
    const { admin } = world
    const token = world.addToken(name, { freezeAuthority: admin.publicKey, ...options })
    for (const i of [1, 2, 3]) world.give(token, holderOf(name, i), 1_000_000_000_000n * BigInt(i))
    if (!kept.includes('freeze'))
      world.run(admin, [tokens.revoke(token.mint, admin.publicKey, 1, token.program)])
    if (!kept.includes('mint'))
      world.run(admin, [tokens.revoke(token.mint, admin.publicKey, 0, token.program)])
    return token
  }
  const holderOf = (name: string, i: number): PublicKey => {
    const { publicKey } = machine.keypair(`${name} holder ${i}`)
    world.cluster.svm.airdrop(publicKey.toBase58() as never, 1_000_000_000n as never)
    return publicKey
  }

  test('a token with nothing wrong passes every check, and nothing was sent', async () => {
    const token = listed('good')
    asCpmm(token, 0n)
    const before = world.cluster.landed.size
    const verdict = await check(token)
    assert.deepEqual(
      verdict.checks.map(({ check: name, result }) => `${name} ${result}`),
      [
        'mint-account',
        'decimals',
        'mint-authority',
        'freeze-authority',
        'extensions',
        'transfer-fee',
        'lp-burned',
      ]
        .concat(['top-holders', 'round-trip', 'holder-sell'])
        .map(name => `${name} pass`),
    )
    assert.equal(verdict.result, 'pass')
    assert.equal(world.cluster.landed.size, before)
    assert.equal(rpc.asked.get('sendTransaction'), undefined)
  })

  test(
    'frozen after they bought: the round trip of a new account still passes, the sell of a ' +
      'holder does not',
    async () => {
      const token = listed('trap', {}, ['freeze'])
      asCpmm(token, 0n)
      const holders = [1, 2, 3].map(i => tokens.ata(token.mint, holderOf('trap', i)))
      const open = await check(token)
      assert.deepEqual(failed(open), ['freeze-authority'])
      assert.equal(of(open, 'holder-sell')?.result, 'pass')
      world.run(
        world.admin,
        holders.map(each => tokens.freeze(each, token.mint, world.admin.publicKey)),
      )
      const closed = await check(token)
      assert.equal(of(closed, 'round-trip')?.result, 'pass')
      assert.equal(of(closed, 'holder-sell')?.result, 'fail')
      // Where the account could not be seen to be frozen, the simulated sell is: error 17 of the
      // token program.
      const unseen = {
        address: '',
        owner: holderOf('trap', 1).toBase58(),
        amount: 1_000_000n,
        isFrozen: false,
      }
      const wallet = world.wallet.publicKey.toBase58()
      const sold = await holderSellCheck(asker, token.mint.toBase58(), wallet, [unseen])
      assert.equal(sold.result, 'fail')
      assert.match(sold.reason, /"Custom":17/)
    },
  )

  test('live authorities, other decimals, a pool of another token, and no such mint', async () => {
    const token = listed('live', {}, ['mint', 'freeze'])
    asCpmm(token, 0n)
    const verdict = await check(token, { decimals: 9 })
    assert.deepEqual(failed(verdict), ['decimals', 'mint-authority', 'freeze-authority'])
    const other = listed('other')
    assert.deepEqual(
      failed(await check(other, { pool: token.pool.toBase58() })).includes('lp-burned'),
      true,
    )
    const none = await check(token, { mint: machine.keypair('nobody').publicKey.toBase58() })
    assert.equal(none.result, 'fail')
    assert.equal(of(none, 'mint-account')?.reason, 'there is no such mint')
    assert.equal(of(none, 'round-trip')?.result, 'unknown')
  })

  test('every trap among the extensions is named', async () => {
    const by = world.admin.publicKey
    const { EXTENSIONS: make } = tokens
    const traps = {
      'permanent-delegate': make.permanentDelegate(by),
      'default-account-state': make.defaultFrozen(),
      'transfer-hook': make.transferHook(by, machine.AMM),
      pausable: make.pausable(by),
      'non-transferable': make.nonTransferable(),
    }
    for (const [name, extension] of Object.entries(traps)) {
      // Who may freeze must be there for accounts to start frozen.
      const token = world.addToken(name, {
        tokens: 0n,
        extensions: [extension],
        freezeAuthority: by,
      })
      const found = of(await check(token), 'extensions')
      assert.deepEqual([found?.result, found?.reason.split(':')[0]], ['fail', name])
    }
    const closable = world.addToken('closable', { extensions: [make.closeAuthority(by)] })
    assert.equal(of(await check(closable), 'extensions')?.result, 'pass')
  })

  test('an extension that nobody here knows is a trap', async () => {
    const token = world.addToken('newer', {
      extensions: [tokens.EXTENSIONS.closeAuthority(world.admin.publicKey)],
    })
    const found = world.cluster.svm.getAccount(token.mint.toBase58() as never)
    assert.ok(found.exists)
    const data = Buffer.from(found.data)
    data.writeUInt16LE(99, 166)
    world.cluster.svm.setAccount({ ...found, data: new Uint8Array(data) })
    const verdict = of(await check(token), 'extensions')
    assert.deepEqual(
      [verdict?.result, verdict?.reason],
      ['fail', 'unknown-99: not known to this version'],
    )
  })

  test('a transfer fee above the cap fails, and so does selling through it', async () => {
    const by = world.admin.publicKey
    const dear = listed('dear', {
      extensions: [tokens.EXTENSIONS.transferFee(by, 9900, 10n ** 15n)],
    })
    const verdict = await check(dear)
    assert.deepEqual(of(verdict, 'transfer-fee'), {
      check: 'transfer-fee',
      result: 'fail',
      reason: '9900 bps, at most 100',
    })
    assert.equal(of(verdict, 'round-trip')?.result, 'fail')
    const cheap = listed('cheap', {
      extensions: [tokens.EXTENSIONS.transferFee(by, 100, 10n ** 15n)],
    })
    assert.equal(of(await check(cheap), 'transfer-fee')?.result, 'pass')
  })

  test(
    'burned liquidity by supply, locked liquidity by its holder, and unknown where it is not ' +
      'defined',
    async () => {
      const share = async (
        name: string,
        supply: bigint,
        owner?: PublicKey,
      ): Promise<string | undefined> => {
        const token = listed(name)
        asCpmm(token, supply, owner)
        const { result, reason } = of(await check(token), 'lp-burned') ?? {}
        return `${result} ${reason?.split(' ')[0]}`
      }
      assert.equal(await share('half', LP_ISSUED / 2n), 'fail 0.5')
      assert.equal(await share('kept', LP_ISSUED), 'fail 0')
      const { PublicKey: Key } = await import('@solana/web3.js')
      assert.equal(await share('locked', LP_ISSUED, new Key(LOCK_AUTHORITY)), 'pass 1')
      const orca = listed('orca')
      world.cluster.svm.setAccount({
        address: orca.pool.toBase58() as never,
        programAddress: PROGRAMS.orca as never,
        executable: false,
        lamports: 10_000_000n as never,
        space: 653n,
        data: new Uint8Array(653),
      })
      assert.equal(of(await check(orca), 'lp-burned')?.result, 'unknown')
      assert.equal(of(await check(orca, { pool: undefined }), 'lp-burned')?.result, 'unknown')
    },
  )

  test('ten owners with most of the supply fail, however many accounts they use', async () => {
    const token = world.addToken('whale', { tokens: 1_000_000n })
    asCpmm(token, 0n)
    world.give(token, holderOf('whale', 1), 900_000n)
    assert.deepEqual(of(await check(token), 'top-holders')?.result, 'pass')
    world.give(token, holderOf('whale', 2), 1_100_000n)
    const found = of(await check(token), 'top-holders')
    assert.equal(found?.result, 'fail')
    // 2,000,000 of 3,000,000: the pool’s million is in the supply, but nobody’s to sell.
    assert.match(found?.reason ?? '', /^0\.666666 /)
  })

  test('a swap too long for version 0 is tried in version 1, if the chain takes it', async () => {
    const token = listed('long')
    asCpmm(token, 0n)

    const long = async (versions: readonly TxVersion[]) => {
      const asLong: TokenAsker = {
        ...asker,
        versions: () => versions,
        async swap(wanted) {
          const parts = await asker.swap(wanted)
          if (parts === undefined) return undefined
          const [first, ...rest] = parts.instructions
          const more = Array.from({ length: 34 }, (_, i) => ({
            pubkey: machine.keypair(`passer-by ${i}`).publicKey.toBase58(),
            isSigner: false,
            isWritable: false,
          }))
          const longer = { ...first!, accounts: [...first!.accounts, ...more] }
          return { ...parts, instructions: [longer, ...rest] }
        },
      }
      const verdict = await check(token, {}, asLong)
      return [of(verdict, 'round-trip')?.result, of(verdict, 'holder-sell')?.result]
    }
    assert.deepEqual(await long([0, 1]), ['pass', 'pass'])
    assert.deepEqual(await long([0]), ['unknown', 'unknown'])
  })

  test('what cannot be asked is unknown, and an unknown is not a pass', async () => {
    const token = listed('silent')
    asCpmm(token, 0n)
    rpc.faults.add('getTokenLargestAccounts', {
      error: { code: -32010, message: 'excluded from account secondary indexes' },
    })
    const holders = await check(token)
    assert.deepEqual(
      [of(holders, 'top-holders')?.result, of(holders, 'holder-sell')?.result],
      ['unknown', 'unknown'],
    )
    assert.equal(holders.result, 'unknown')
    jupiter.faults.add('/swap/v1/swap-instructions', 'bad-gateway', 20)
    assert.equal(of(await check(token), 'round-trip')?.result, 'unknown')
    jupiter.faults.clear()
    rpc.faults.add('simulateTransaction', 'too-many', 20)
    assert.equal(of(await check(token), 'round-trip')?.result, 'unknown')
    rpc.faults.clear()
    // More than the wallet has: the trial could not be made, which says nothing of the token.
    assert.equal(
      of(await check(token, { lamports: 5_000_000_000_000n }), 'round-trip')?.result,
      'unknown',
    )
    assert.equal((await check(token)).result, 'pass')
  })
})
