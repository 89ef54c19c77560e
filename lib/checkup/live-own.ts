import { existsSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DataError } from '../base/errors.ts'
import { makeKillSwitch } from '../trade/kill-switch.ts'
import { type LedgerView, viewLedger } from '../trade/ledger/ledger-show.ts'
import { loadSolana } from '../trade/live/chain/solana.ts'
import { makeSigner } from '../trade/live/send/signer.ts'
import { type Patient, sol, Wrong } from './live-patient.ts'

const MIN_FREE = 64 * 2 ** 20

/** Live trading is enabled, and how. */
export function config({ settings }: Patient): string {
  const { exchange, jupiter: url, tip } = settings()
  return (
    `enabled, through ${exchange} at ` +
    `${new URL(url).host}${tip > 0n ? `, tips ${sol(tip)}` : ''}`
  )
}

/** The caps of a trade, a day and in all are set and in order. */
export function caps({ settings }: Patient): string {
  const { perTrade, perDay, total } = settings().caps
  if (!(perTrade > 0n && perTrade <= perDay && perDay <= total))
    throw new Wrong(
      `perTrade ${sol(perTrade)}, perDay ${sol(perDay)}, total ${sol(total)} are not in order`,
    )
  return `${sol(perTrade)} a trade, ${sol(perDay)} a day, ${sol(total)} in all`
}

async function walletOf({ settings }: Patient): Promise<string> {
  return makeSigner(await loadSolana(), settings().keypair, () => 'the doctor signs nothing').wallet
}

/** The key file is safe and holds a key. */
export async function key(patient: Patient): Promise<string> {
  return `holds the key of ${await walletOf(patient)}`
}

/** The key is that of the wallet in the configuration. */
export async function wallet(patient: Patient): Promise<string> {
  const found = await walletOf(patient)
  const { wallet: expected } = patient.settings()
  if (found !== expected) throw new Wrong(`the key is of ${found}, live.wallet is ${expected}`)
  return found
}

const ledgerOf = ({ home }: Patient): string => join(home, 'ledger', 'live.ndjson')

/** The ledger is whole and knows the outcome of every order. */
export function ledger(patient: Patient): string {
  const path = ledgerOf(patient)
  if (!existsSync(path)) return 'none yet'
  const { intents, positions, torn, lines } = viewed(path)
  const unsettled = [...intents.values()].filter(({ order }) =>
    ['signed', 'sent', 'unknown'].includes(order.state),
  )
  if (unsettled.length > 0)
    throw new Wrong(
      `${unsettled.length} orders without a known outcome, first ${unsettled[0]?.order.intent}`,
    )
  const open = [...positions.values()].filter(({ position }) => position.status !== 'closed').length
  const end = torn === undefined ? '' : `; line ${torn.line} is not finished`
  return `${lines} lines, ${open} positions not closed${end}`
}

/** A ledger that is not whole is no reason to try again: somebody has to look at it. */
function viewed(path: string): LedgerView {
  try {
    return viewLedger(path, undefined)
  } catch (error) {
    throw error instanceof DataError ? new Wrong(String(error)) : error
  }
}

/** The kill switch is off. */
export function killSwitch(patient: Patient): string {
  const path = patient.execute().killSwitch ?? join(patient.home, 'KILL')
  if (existsSync(path)) throw new Wrong(`${path} exists: nothing is bought`)
  if (makeKillSwitch(path)()) throw new Wrong(`${path} cannot be looked at: nothing is bought`)
  return `${path} does not exist: buying is on`
}

/** There is room for the ledger. */
export function disk(patient: Patient): string {
  const file = ledgerOf(patient)
  let place = dirname(file)
  while (!existsSync(place)) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  const free = bavail * bsize
  const ballast = existsSync(`${file}.ballast`)
    ? 'the ballast is there'
    : 'the first start makes the ballast'
  const text = `${Math.floor(free / 2 ** 20)} MiB free beside the ledger; ${ballast}`
  if (free < MIN_FREE) throw new Wrong(text)
  return text
}
