import { wrap } from '../cli/manual/help.ts'

/** One thing looked at. */
export interface Finding {
  check: string
  ok: boolean
  /** Something that is in use cannot work without it: --check fails with it. */
  needed: boolean
  /** False where nobody was asked, because nothing is configured that would ask. */
  asked?: boolean
  text: string
  /** What cannot be run as things are. */
  missingFor?: readonly string[]
  result?: 'pass' | 'fail' | 'unknown'
  remedy?: string
}

const MARK = 9
const NAME = 24

/**
 * A finding as a row of the table on a terminal, `width` columns wide: what was found, and below
 * it what to do and what cannot be run. Nothing in it can steer the terminal.
 */
export function checkupRow(finding: Finding, width: number): string {
  const { check, text, ok, missingFor = [], remedy } = finding
  const notes = [
    text,
    ...(remedy === undefined ? [] : [`do: ${remedy}`]),
    ...(missingFor.length === 0 ? [] : [`${ok ? 'for' : 'cannot run'}: ${missingFor.join(', ')}`]),
  ]
  const indent = MARK + NAME
  const body = notes.map(note => wrap(plain(note), indent, Math.max(width, indent + 20))).join('\n')
  return `${markOf(finding).padEnd(MARK)}${plain(check).padEnd(NAME)}${body.trimStart()}\n`
}

function markOf({ ok, needed, asked, result }: Finding): string {
  if (result === 'unknown') return 'unknown'
  if (asked === false && ok) return '-'
  return ok ? 'ok' : needed ? 'FAILS' : 'lacks'
}

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
