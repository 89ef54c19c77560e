import { closeSync, fstatSync, openSync } from 'node:fs'
import { keepBeside, replaceFile } from '../../base/atomic-write.ts'
import { DataError } from '../../base/errors.ts'
import { holdFile } from '../../store/hold.ts'
import { makeChecker, sealerAfter, sealLine } from '../../store/sealed/checksum.ts'
import { keepHead } from '../../store/sealed/head-file.ts'
import { foreign } from './ledger-lines.ts'
import { openForReading } from './ledger-read.ts'
import { headPath, type WrongLine, walkLedger } from './ledger-walk.ts'

/** What a look at every line of a ledger found. */
export interface LedgerCheck {
  path: string
  lines: number
  /** Bytes of an unfinished end: the next start of execute cuts them off. */
  torn: number
  wrong: (Pick<WrongLine, 'no' | 'why'> & { repair: string })[]
  /** Lines that a repaired ledger would hold, head first; none where its head is gone. */
  kept: string[]
}

const LEFT_OUT = {
  order: 'left out; its intent is open again, and execute asks the chain, or fills it on paper',
  other: 'left out; what it said is asked of the chain (live), or is lost (paper)',
  second: 'left out; the first stays',
  gone: 'gone on without; what they said is asked of the chain (live), or is lost (paper)',
  place: 'kept; what stood before it may be lost: compare with a copy or the wallet',
}

/**
 * Looks at every line of a ledger and says of each wrong one what a repair would do. Reads only.
 * UsageError when there is no such file.
 */
export function checkLedger(path: string): LedgerCheck {
  const fd = openForReading(path)
  try {
    return checkOpen(fd, path)
  } finally {
    closeSync(fd)
  }
}

function checkOpen(fd: number, path: string): LedgerCheck {
  const kept: string[] = []
  const ids = new Set<string>()
  const wrong: LedgerCheck['wrong'] = []
  const { lines, end, size } = walkLedger(fd, path, {
    head: (_head, text) => kept.push(text),
    line(rec, { text }) {
      ids.add(rec.id)
      kept.push(text)
    },
    wrong({ no, why, text, rec, isGone }) {
      const isSecond = rec !== undefined && ids.has(rec.id)
      const stays = rec !== undefined && !isSecond && kept.length > 0
      if (stays) kept.push(text)
      if (rec !== undefined) ids.add(rec.id)
      wrong.push({ no, why, repair: isGone ? LEFT_OUT.gone : repairOf(stays, isSecond, text) })
    },
  })
  return { path, lines, torn: size - end, wrong, kept }
}

function repairOf(stays: boolean, isSecond: boolean, text: string): string {
  if (stays) return LEFT_OUT.place
  if (isSecond) return LEFT_OUT.second
  return text.includes('"kind":"order"') ? LEFT_OUT.order : LEFT_OUT.other
}

/**
 * Puts the lines that can be believed in place of a ledger, with a chain of their own; what was
 * there stays beside it under the name that is returned. TemporaryError while execute writes it,
 * DataError when its head is wrong: nothing says then what its amounts mean.
 */
export function repairLedger(path: string): { check: LedgerCheck; old: string | undefined } {
  closeSync(openForReading(path))
  const fd = openSync(path, 'a+')
  try {
    const hold = holdFile(fd, path)
    const check = checkOpen(fd, path)
    if (check.wrong.some(({ no }) => no === 1))
      throw foreign(path, 1, 'its first line is wrong; take it from a copy of the file')
    if (check.wrong.length === 0) return { check, old: undefined }
    const old = keepBeside(path)
    const sealer = sealerAfter(makeChecker(), 0)
    const text = check.kept.map(raw => `${sealLine(sealer, raw)}\n`).join('')
    const mode = fstatSync(fd).mode & 0o777
    replaceFile(path, text, mode)
    const head = keepHead(headPath(path), mode)
    head.put({ file: 'ledger', bytes: Buffer.byteLength(text), chain: sealer.chain() })
    head.close()
    hold.release()
    return { check, old }
  } finally {
    closeSync(fd)
  }
}

/** Ends a check that found something: the first wrong line, and what to do. */
export function failOn({ path, wrong }: LedgerCheck): void {
  const [first] = wrong
  if (first === undefined) return
  throw new DataError(
    `${path}: ${first.why}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ''}; put a ` +
      'copy back, or see what “sluice ledger repair --dry-run” proposes',
    { line: first.no },
  )
}
