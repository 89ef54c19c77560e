import { dirname } from 'node:path'
import { messageOf, TemporaryError, UsageError } from '../../base/errors.ts'
import { fileMode, folderMode } from '../../base/modes.ts'
import type { Rec } from '../../records/record.ts'
import type { Hold } from '../../store/hold.ts'
import { type Disk, realDisk } from '../../store/machine-disk.ts'
import { type Sealer, sealerAfter, sealLine } from '../../store/sealed/checksum.ts'
import { type HeadKeeper, keepHead } from '../../store/sealed/head-file.ts'
import type { SignedSwap } from '../venue.ts'
import { type Ballast, isFull, keepBallast } from './ballast.ts'
import { foreign, headOf, type LedgerHead, linesOf, parse } from './ledger-lines.ts'
import { headPath, type LedgerVisitor, walkLedger } from './ledger-walk.ts'

export interface Ledger {
  /** Bytes of a torn tail that were cut off at the start; 0 = the last run ended cleanly. */
  repaired: number
  /** Lines of the runs before. */
  replayed: number
  /**
   * Returns after the lines are on disk. TemporaryError when they cannot be: then none of them is.
   */
  append(lines: readonly string[]): void
  /** The disk is full and the ballast is gone: what is still written is for the exits. */
  isFull(): boolean
  close(): void
}

interface LedgerOptions {
  /** So much of the disk is kept back for when it is full. */
  ballastBytes?: number | undefined
  /** Told where only a file says that nobody else writes. Without it that is a TemporaryError. */
  onWeakLock?: ((text: string) => void) | undefined
  disk?: Disk | undefined
}

/**
 * Opens a ledger for this process alone, by whatever name, and replays it: `apply` gets every line
 * in order. An end that was never acknowledged is cut off; any other line that is not as it was
 * written is a DataError naming it, and nothing is written. UsageError when the head says another
 * mode or start, TemporaryError when another process writes it.
 */
export function openLedger(
  path: string,
  head: LedgerHead,
  apply: (rec: Rec, signed: SignedSwap | undefined) => void,
  options: LedgerOptions = {},
): Ledger {
  const { ballastBytes = 0, onWeakLock, disk = realDisk } = options
  disk.makeFolder(dirname(path), folderMode())
  const fd = disk.open(path, 'a+', fileMode())
  let hold: Hold | undefined
  try {
    hold = disk.hold(fd, path, onWeakLock)
    if (!disk.isAt(path, fd))
      throw new TemporaryError(`${path} was replaced while it was opened; start again`)
    const visitor: LedgerVisitor = {
      head: found => checkHead(path, found, head),
      line: (rec, { signed }) => apply(rec, signed),
    }
    const { end, size, lines, checker } = walkLedger(fd, path, visitor, disk)
    if (end < size) disk.truncate(fd, end)
    const sealer = sealerAfter(checker, 0)
    if (end === 0) write(disk, fd, `${sealLine(sealer, JSON.stringify(head))}\n`)
    disk.sync(fd)
    disk.syncFolder(dirname(path))
    const ballast = ballastBytes > 0 ? keepBallast(path, ballastBytes, disk) : undefined
    const kept = keepHead(headPath(path), fileMode(), disk)
    const opened = { path, disk, fd, hold, sealer, ballast, kept }
    return handle({ ...opened, repaired: size - end, replayed: lines })
  } catch (error) {
    hold?.release()
    disk.close(fd)
    throw error
  }
}

interface Opened extends Pick<Ledger, 'repaired' | 'replayed'> {
  path: string
  disk: Disk
  fd: number
  hold: Hold
  sealer: Sealer
  ballast: Ballast | undefined
  kept: HeadKeeper
}

function handle(opened: Opened): Ledger {
  const { path, disk, fd, hold, ballast, repaired, replayed, kept } = opened
  let { sealer } = opened
  let size = disk.size(fd)
  let hasRunFull = false
  const tellHead = (): void => {
    if (!sealer.isFirst()) kept.put({ file: 'ledger', bytes: size, chain: sealer.chain() })
  }
  tellHead()
  const put = (text: string): void => {
    const added = write(disk, fd, text)
    disk.sync(fd)
    size += added
  }
  return {
    repaired,
    replayed,
    isFull: () => hasRunFull,
    append(lines) {
      if (lines.length === 0) return
      const next = sealer.fork()
      const text = lines.map(raw => `${sealLine(next, raw)}\n`).join('')
      try {
        try {
          put(text)
        } catch (error) {
          if (!isFull(error) || ballast?.drop() !== true) throw error
          hasRunFull = true
          disk.truncate(fd, size)
          put(text)
        }
        sealer = next
        tellHead()
      } catch (error) {
        disk.truncate(fd, size)
        throw new TemporaryError(
          `${path} cannot be written, nothing was traded: ${messageOf(error)}`,
        )
      }
    },
    close() {
      kept.close()
      hold.release()
      disk.close(fd)
    },
  }
}

/** Bytes written: all of them, or an error. */
function write(disk: Disk, fd: number, text: string): number {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += disk.write(fd, bytes.subarray(at))
  return bytes.length
}

/**
 * Cash that an existing ledger began with; undefined when there is none. A DataError for a file
 * that is no ledger.
 */
export function cashOf(path: string, disk = realDisk): bigint | undefined {
  if (!disk.exists(path)) return undefined
  const fd = disk.open(path, 'r')
  try {
    const [first] = linesOf(fd, disk)
    if (first === undefined) return undefined
    const head = headOf(parse(first.text))
    if (head === undefined) throw foreign(path, 1, 'no head')
    return BigInt(head.cashLamports)
  } finally {
    disk.close(fd)
  }
}

function checkHead(path: string, found: LedgerHead, head: LedgerHead): void {
  for (const key of ['mode', 'cashLamports', 'wallet'] as const)
    if (found[key] !== head[key])
      throw new UsageError(
        `${path}: its ${key} is ${found[key]}, this run has ${head[key]}; choose another --ledger`,
      )
}
