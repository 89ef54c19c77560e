import { show, UsageError } from '../../base/errors.ts'
import { lamports } from '../../base/flags.ts'
import { shownSetting } from '../../base/secrets.ts'
import { isAddress } from '../../sources/decode/base58.ts'
import { EXCHANGE_NAMES, type Exchange } from './send/jupiter/exchanges.ts'
import { TOKEN_CHECKS } from './token/token-check.ts'

/** Section `live` of the configuration, checked. Amounts in lamports. */
export interface LiveSettings {
  keypair: string
  wallet: string
  rpc: string
  rpcPerMinute: number
  /** Another node, for its word on transactions that did not land. */
  witness: string | undefined
  allowPublicRpc: boolean
  genesis: string
  exchange: Exchange
  /** Version of the transactions that are made here; undefined = as the chain takes them. */
  transactionVersion: 0 | 1 | undefined
  jupiter: string
  jupiterKey: string | undefined
  jupiterPerMinute: number
  programs: string[]
  caps: { perTrade: bigint; perDay: bigint; total: bigint }
  tip: bigint
  tipAccounts: string[]
  relay: string | undefined
  checks: TokenChecks
}

/** From what on a token is not bought, and checks that are left out. Shares are fractions. */
export interface TokenChecks {
  maxTransferFeeBps: number
  minLpBurnedShare: number
  maxTop10Share: number
  without: readonly string[]
}

/** Genesis of mainnet-beta (docs.anza.xyz, "Solana clusters"). */
const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'

/** Reads section `live`. A UsageError says which key is missing or wrong and what belongs there. */
export function readLive(section: Record<string, unknown> | undefined): LiveSettings {
  const from = section ?? {}
  if (from.enabled !== true)
    throw wrong(
      'enabled',
      'true, to say that real money may be spent',
      from.enabled,
      'pipelines/README.md, "Trading for real"',
    )
  const exchange = from.exchange ?? 'jupiter-v1'
  if (!isExchange(exchange)) throw wrong('exchange', EXCHANGE_NAMES.join(' or '), exchange)
  const caps = (typeof from.caps === 'object' && from.caps !== null ? from.caps : {}) as Record<
    string,
    unknown
  >
  const tip = from.tip === undefined ? 0n : solAt(from.tip, 'tip')
  const tipAccounts = addressesAt(from.tipAccounts, 'tipAccounts')
  if (tip > 0n && (tipAccounts.length === 0 || from.relay === undefined))
    throw new UsageError(
      'config.json: live.tip: a tip needs live.tipAccounts and live.relay, or it is paid for ' +
        'nothing',
    )
  return {
    keypair: textAt(from.keypair, 'keypair', 'the path of a key file'),
    wallet: addressAt(from.wallet, 'wallet'),
    rpc: textAt(from.rpc, 'rpc', 'the address of a Solana node, or a file with one'),
    rpcPerMinute: rateAt(from.rpcPerMinute, 'rpcPerMinute', 600),
    witness:
      from.witness === undefined
        ? undefined
        : textAt(from.witness, 'witness', 'the address of another node, or a file with one'),
    allowPublicRpc: from.allowPublicRpc === true,
    genesis: from.genesis === undefined ? MAINNET : addressAt(from.genesis, 'genesis'),
    exchange,
    transactionVersion: versionAt(from.transactionVersion),
    jupiter: urlAt(from.jupiter ?? 'https://api.jup.ag', 'jupiter'),
    jupiterKey:
      from.jupiterKey === undefined
        ? undefined
        : textAt(from.jupiterKey, 'jupiterKey', 'the path of a file'),
    jupiterPerMinute: rateAt(from.jupiterPerMinute, 'jupiterPerMinute', 300),
    programs: addressesAt(from.programs, 'programs'),
    caps: {
      perTrade: solAt(caps.perTrade, 'caps.perTrade'),
      perDay: solAt(caps.perDay, 'caps.perDay'),
      total: solAt(caps.total, 'caps.total'),
    },
    tip,
    tipAccounts,
    relay: from.relay === undefined ? undefined : urlAt(from.relay, 'relay'),
    checks: checksAt(from.checks),
  }
}

function checksAt(value: unknown): TokenChecks {
  if (value !== undefined && (typeof value !== 'object' || value === null))
    throw wrong('checks', 'an object', value)
  const {
    maxTransferFeeBps,
    minLpBurned,
    maxTop10,
    without = [],
    ...rest
  } = (value ?? {}) as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new UsageError(`config.json: live.checks: unknown key ${show(unknown)}`)
  const isCheck = (name: unknown): boolean => (TOKEN_CHECKS as readonly unknown[]).includes(name)
  if (!Array.isArray(without) || !without.every(isCheck))
    throw wrong('checks.without', `a list of ${TOKEN_CHECKS.join(', ')}`, without)
  return {
    maxTransferFeeBps: numberAt(maxTransferFeeBps, 'checks.maxTransferFeeBps', 100, 10_000),
    minLpBurnedShare: numberAt(minLpBurned, 'checks.minLpBurned', 0.95, 1),
    maxTop10Share: numberAt(maxTop10, 'checks.maxTop10', 0.3, 1),
    without,
  }
}

const isExchange = (value: unknown): value is Exchange =>
  (EXCHANGE_NAMES as readonly unknown[]).includes(value)

function versionAt(value: unknown): LiveSettings['transactionVersion'] {
  if (value === undefined || value === 0 || value === 1) return value
  throw wrong('transactionVersion', '0 or 1', value)
}

function numberAt(value: unknown, key: string, usual: number, most: number): number {
  if (value === undefined) return usual
  if (typeof value === 'number' && value >= 0 && value <= most) return value
  throw wrong(key, `a number from 0 to ${most}`, value)
}

/**
 * Public nodes drop transactions when it matters, and limit calls: not for money unless somebody
 * insists.
 */
export function refusePublic(url: URL, { allowPublicRpc }: LiveSettings): void {
  if (!allowPublicRpc && /(^|\.)(mainnet-beta|devnet|testnet)\.solana\.com$/.test(url.hostname))
    throw new UsageError(
      'config.json: live.rpc: a public node; use one of your own, or set live.allowPublicRpc ' +
        'to true',
    )
}

const wrong = (key: string, expected: string, found: unknown, more = ''): UsageError =>
  new UsageError(
    `config.json: live.${key}: expected ${expected}, got ` +
      `${shownSetting(found)}${more === '' ? '' : ` (${more})`}`,
  )

function textAt(value: unknown, key: string, expected: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw wrong(key, expected, value)
}

function addressAt(value: unknown, key: string): string {
  if (isAddress(value)) return value
  throw wrong(key, 'an address on Solana', value)
}

function addressesAt(value: unknown, key: string): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.length <= 64 && value.every(isAddress)) return value
  throw wrong(key, 'a list of addresses', value)
}

function rateAt(value: unknown, key: string, usual: number): number {
  if (value === undefined) return usual
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 10_000_000)
    return value
  throw wrong(key, 'calls per minute as a whole number', value)
}

function solAt(value: unknown, key: string): bigint {
  const amount = typeof value === 'string' ? lamports(value) : undefined
  if (amount === undefined) throw wrong(key, 'an amount of SOL in quotes, like "0.5"', value)
  return amount
}

/** Plain http carries keys and transactions in the clear: for this machine only. */
function urlAt(value: unknown, key: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isLocal =
    url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url === undefined || (url.protocol !== 'https:' && !isLocal) || url.search !== '')
    throw wrong(key, 'an address that begins with https', value)
  return url.href.replace(/\/$/, '')
}
