import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { skip } from '../svm/machine.ts'
import { type Chain, openChain, startBot } from './kit/bot.ts'

describe('what has to be right before anything is traded', { skip, timeout: 120_000 }, () => {
  let chain: Chain
  before(async () => {
    chain = await openChain()
  })
  after(() => chain.close())
  beforeEach(() => chain.rpc.asked.clear())

  const run = async (args: string[] = []): Promise<[number | null, string]> => {
    const bot = startBot(chain, args)
    bot.say(chain.tick(), chain.line(100_000_000n))
    bot.end()
    return [await bot.done, bot.errors()]
  }
  const key = (): string => join(chain.home, 'wallet.json')
  const other = 'CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump'
  const SETTINGS: [string, object, RegExp][] = [
    ['not enabled', { enabled: false }, /live.enabled: expected true/],
    ['enabled by a word', { enabled: 'true' }, /live.enabled: expected true/],
    ['no wallet', { wallet: undefined }, /live.wallet: expected an address on Solana, got nothing/],
    [
      'the wallet of somebody else',
      { wallet: other },
      /live.keypair is the key of \w+, live.wallet is CATx/,
    ],
    ['no node', { rpc: undefined }, /live.rpc: expected the address of a Solana node/],
    ['a public node', { rpc: 'https://api.mainnet-beta.solana.com' }, /live.rpc: a public node/],
    [
      'an address with a key',
      { rpc: 'https://x.example/?api-key=abcdefgh12345678' },
      /belongs into a file/,
    ],
    ['another chain', { genesis: other }, /another chain: its genesis is 5eykt/],
    ['no caps', { caps: undefined }, /live.caps.perTrade: expected an amount of SOL in quotes/],
    [
      'caps as numbers',
      { caps: { perTrade: 1, perDay: 1, total: 1 } },
      /live.caps.perTrade: expected .*, got 1/,
    ],
    ['a cap left out', { caps: { perTrade: '1', perDay: '1' } }, /live.caps.total/],
    [
      'an exchange in the clear',
      { jupiter: 'http://jupiter.example' },
      /live.jupiter: expected an address that begins/,
    ],
    [
      'an unknown exchange',
      { exchange: 'raydium' },
      /live.exchange: expected jupiter-v1 or jupiter-v2/,
    ],
    ['a tip for nobody', { tip: '0.001' }, /live.tip: a tip needs/],
    [
      'a word nobody knows',
      { keypairs: 'x' },
      /live: unknown key "keypairs"; did you mean keypair\?/,
    ],
  ]
  test('settings: each is refused with what belongs there', async () => {
    for (const [name, change, message] of SETTINGS) {
      chain.config(change)
      const [code, errors] = await run()
      assert.equal(code, 2, `${name}: ${errors}`)
      assert.match(errors, message, name)
      const said = errors
        .trim()
        .split('\n')
        .filter(line => !line.startsWith('execute: home '))
      assert.equal(said.length, 1, errors)
    }
    assert.equal(chain.rpc.asked.get('sendTransaction'), undefined)
    chain.config({})
  })

  test('the key file: mode, owner, link, length, halves; no byte of it in an error', async () => {
    const whole = readFileSync(key(), 'utf8')
    const numbers = JSON.parse(whole) as number[]
    const swapped = [...numbers.slice(0, 32), ...numbers.slice(0, 32)]
    const FILES: [string, string, RegExp][] = [
      ['not JSON', 'secret words', /is no key file: expected a list of 64 numbers/],
      ['too short', JSON.stringify(numbers.slice(1)), /is no key file/],
      ['no byte', JSON.stringify([...numbers.slice(1), 256]), /is no key file/],
      ['base58 of a key', JSON.stringify('5'.repeat(88)), /is no key file/],
      ['halves of two keys', JSON.stringify(swapped), /does not belong to its secret half/],
      ['huge', `[${'1,'.repeat(2000)}1]`, /is no key file: \d+ bytes/],
    ]
    const refused = async (name: string, message: RegExp): Promise<void> => {
      const [code, errors] = await run()
      assert.equal(code, 2, `${name}: ${errors}`)
      assert.match(errors, message, name)
      assert.equal(errors.includes(numbers.slice(0, 8).join(',')), false, errors)
    }
    for (const [name, text, message] of FILES) {
      writeFileSync(key(), text)
      await refused(name, message)
    }
    writeFileSync(key(), whole)
    chmodSync(key(), 0o644)
    await refused('mode', /can be read by others; chmod 600/)
    chmodSync(key(), 0o600)
    symlinkSync(key(), join(chain.home, 'link.json'))
    chain.config({ keypair: join(chain.home, 'link.json') })
    await refused('link', /is a link; name the file itself/)
    chain.config({ keypair: join(chain.home, 'none.json') })
    await refused('missing', /cannot read .*: ENOENT/)
    chain.config({})
  })

  test('a node that cannot be asked: try again later; a paper ledger: choose another', async () => {
    chain.config({ rpc: 'http://127.0.0.1:1' })
    assert.equal((await run())[0], 4)
    chain.config({})
    const ledger = join(chain.home, 'paper.ndjson')
    writeFileSync(ledger, '{"ledger":"sluice","v":1,"mode":"paper","cashLamports":"10000000000"}\n')
    const [code, errors] = await run(['--ledger', ledger])
    assert.equal(code, 2, errors)
    assert.match(errors, /its mode is paper, this run has live/)
  })
})

test('nothing but live trading loads the Solana library, and that only when it trades', () => {
  const lib = fileURLToPath(new URL('../../lib', import.meta.url))
  const users = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .filter(name =>
      /import\('@solana|^import (?!type)[^\n]*@solana/m.test(readFileSync(join(lib, name), 'utf8')),
    )
  assert.deepEqual(users, [join('trade', 'live', 'chain', 'solana.ts')])
  assert.match(
    readFileSync(join(lib, 'trade/live/chain/solana.ts'), 'utf8'),
    /=> import\('@solana\/web3.js'\)/,
  )
})
