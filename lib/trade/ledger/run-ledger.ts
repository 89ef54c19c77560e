import { join } from 'node:path'
import type { Output } from '../../base/console.ts'
import { show, UsageError } from '../../base/errors.ts'
import { fits } from '../../records/check.ts'
import { checkLedger, failOn, type LedgerCheck, repairLedger } from './ledger-check.ts'
import { ledgerLines, ledgerText, viewLedger } from './ledger-show.ts'

interface LedgerQuestion {
  args: readonly string[]
  home: string
  ledger: string
  isText: boolean
  isDry: boolean
  warn(text: string): void
}

/** Ledgers that go by a name of their own. */
const NAMED = ['paper', 'live']

/** Prints a ledger, or what it says of one mint; checks it; repairs it. */
export async function runLedger(question: LedgerQuestion, out: Output): Promise<void> {
  const { args, home, ledger, isText, isDry, warn } = question
  const [action = '', mint] = args
  const path = NAMED.includes(ledger) ? join(home, 'ledger', `${ledger}.ndjson`) : ledger
  if (isDry && action !== 'repair') throw new UsageError('--dry-run: of repair only')
  if (action === 'show') {
    await out.write(shown(path, mint, isText, warn))
    return
  }
  if (action === 'check' || isDry) {
    const check = checkLedger(path)
    await out.write(isText ? checkText(check) : checkLines(check))
    failOn(check)
    return
  }
  const { check, old } = repairLedger(path)
  await out.write(isText ? checkText(check) : checkLines(check))
  if (old !== undefined) warn(`${path}: repaired; what was there is ${old}`)
}

function shown(
  path: string,
  mint: string | undefined,
  isText: boolean,
  warn: (text: string) => void,
): string {
  if (
    mint !== undefined &&
    !fits('envelope', { v: 1, id: 'x', ts: 0, kind: 'order', mint, source: 'x' })
  )
    throw new UsageError(`expected a mint, got ${show(mint)}`)
  const view = viewLedger(path, mint)
  if (view.torn !== undefined)
    warn(
      `${path}: line ${view.torn.line}: not finished; it is being written, or the next start ` +
        'of execute cuts it off',
    )
  if (mint !== undefined && view.intents.size + view.fills.length + view.positions.size === 0)
    warn(`${path}: no line is about ${mint}`)
  return isText ? ledgerText(view) : ledgerLines(view)
}

/** A line of NDJSON for each wrong line, then one for the whole. */
function checkLines({ path, lines, torn, wrong }: LedgerCheck): string {
  const rows = [
    ...wrong.map(({ no, why, repair }) => ({ of: 'wrong', line: no, why, repair })),
    { of: 'check', path, lines, wrong: wrong.length, tornBytes: torn },
  ]
  return rows.map(row => `${JSON.stringify(row)}\n`).join('')
}

const checkText = ({ path, lines, torn, wrong }: LedgerCheck): string =>
  [
    ...wrong.map(({ no, why, repair }) => `line ${no}: ${why}\n  repair: ${repair}`),
    `${path}: ${lines} lines, ${wrong.length} wrong` +
      (torn > 0 ? `, ${torn} bytes at its end not finished` : ''),
    '',
  ].join('\n')
