import { file } from '../../base/flags.ts'
import { PROGRAMS, WSOL } from '../decode/programs.ts'
import { baseUnits, type Complaints, type Reading, reading } from '../net/outside.ts'
import { dexName } from './dex-names.ts'
import { type Finding, only } from './finding.ts'

/**
 * PumpPortal: one socket, no time, slot or sequence number in any message; amounts are whole tokens
 * and SOL.
 */
export const PUMPPORTAL = {
  name: 'pumpportal',
  base: 'wss://pumpportal.fun/api/data',
  summary:
    'new tokens and migrations of pump.fun and LaunchLab as they happen; trades with a funded key',
  gives: ['token', 'market', 'trade'] as const,
  units: 'amounts in whole tokens and SOL; times are those of arrival',
  key: {
    flag: file('file with the PumpPortal key, for trades', { env: 'PUMPPORTAL_KEY_FILE' }),
  },
  subscribe: [{ method: 'subscribeNewToken' }, { method: 'subscribeMigration' }],
}

const DECIMALS = 6

/** A message: a token made, moved or traded. Acknowledgements give nothing. */
export function readPumpPortal(body: unknown, at: number, complain: Complaints): Finding[] {
  const message = reading(body, 'pumpportal', complain)
  const type = message.get('txType')
  if (type === undefined) {
    if (message.get('message') === undefined) complain.rejected('pumpportal: a message of no type')
    return []
  }
  const mint = message.address('mint')
  const dex = dexName(message.get('pool'), undefined, 'pumpportal')
  if (mint === undefined || dex === undefined || !Object.hasOwn(PROGRAMS, dex)) {
    complain.rejected('pumpportal: no mint or an unknown exchange')
    return []
  }
  if (type === 'create') return [made(message, mint, dex, at)]
  if (type === 'migrate') return [{ mint, ts: at, facts: {} }]
  if (type === 'buy' || type === 'sell')
    return traded(message, { mint, dex, side: type, at }, complain)
  complain.rejected('pumpportal: a message of another type')
  return []
}

/** A curve is quoted in SOL unless a message names another mint. */
const isSol = (message: Reading): boolean => {
  const quote = message.get('quote_mint') ?? message.get('quoteMint')
  return quote === undefined || quote === WSOL || quote === '11111111111111111111111111111111'
}

function made(message: Reading, mint: string, dex: string, at: number): Finding {
  const facts = only<NonNullable<Finding['facts']>>({
    symbol: message.text('symbol', 64),
    name: message.text('name', 200),
    decimals: DECIMALS,
    launchpad: dex,
    creator: message.address('traderPublicKey'),
    createdAt: at,
    mayhemMode: message.flag('is_mayhem_mode'),
    cashback: message.flag('is_cashback_enabled'),
  })
  return only<Finding>({ mint, pool: message.address('bondingCurveKey'), ts: at, facts })
}

function traded(
  message: Reading,
  { mint, dex, side, at }: { mint: string; dex: string; side: 'buy' | 'sell'; at: number },
  complain: Complaints,
): Finding[] {
  const [sol, tokens] = [message.number('solAmount', 0, 1e9), message.number('tokenAmount')]
  const [quoteAmount, baseAmount] = [
    baseUnits(message.get('solAmount'), 9),
    baseUnits(message.get('tokenAmount'), DECIMALS),
  ]
  const signature = message.text('signature', 100)
  if (
    quoteAmount === undefined ||
    baseAmount === undefined ||
    signature === undefined ||
    !isSol(message)
  ) {
    complain.rejected('pumpportal: a trade without amounts or signature')
    return []
  }
  const price = sol && tokens ? sol / tokens : undefined
  const trade = only<NonNullable<Finding['trade']>>({
    dex,
    quoteMint: WSOL,
    baseDecimals: DECIMALS,
    quoteDecimals: 9,
    side,
    wallet: message.address('traderPublicKey'),
    baseAmount,
    quoteAmount,
    signature,
    priceSol: price === undefined ? undefined : Number(price.toPrecision(12)),
    baseReserveAmount: baseUnits(message.get('vTokensInBondingCurve'), DECIMALS),
    quoteReserveAmount: baseUnits(message.get('vSolInBondingCurve'), 9),
  })
  return [only<Finding>({ mint, pool: message.address('bondingCurveKey'), ts: at, trade })]
}
