import { join } from 'node:path'
import type { Output } from '../../base/console.ts'
import { show, UsageError } from '../../base/errors.ts'
import { fits } from '../../records/check.ts'
import { ledgerLines, ledgerText, viewLedger } from './ledger-show.ts'

interface LedgerQuestion {
  args: readonly string[]
  home: string
  ledger: string
  isText: boolean
  warn(text: string): void
}

/** Ledgers that go by a name of their own. */
const NAMED = ['paper', 'live']

/** Prints a ledger, or what it says of one mint. */
export async function runLedger(
  { args, home, ledger, isText, warn }: LedgerQuestion,
  out: Output,
): Promise<void> {
  const [action, mint] = args
  if (action !== 'show') throw new UsageError(`expected show, got ${show(action)}`)
  if (
    mint !== undefined &&
    !fits('envelope', { v: 1, id: 'x', ts: 0, kind: 'order', mint, source: 'x' })
  )
    throw new UsageError(`expected a mint, got ${show(mint)}`)
  const path = NAMED.includes(ledger) ? join(home, 'ledger', `${ledger}.ndjson`) : ledger
  const view = viewLedger(path, mint)
  if (view.torn !== undefined)
    warn(
      `${path}: line ${view.torn.line}: not finished; it is being written, or the next start ` +
        'of execute cuts it off',
    )
  if (mint !== undefined && view.intents.size + view.fills.length + view.positions.size === 0)
    warn(`${path}: no line is about ${mint}`)
  await out.write(isText ? ledgerText(view) : ledgerLines(view))
}
