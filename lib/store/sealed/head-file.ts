import { crc32 } from 'node:zlib'
import { type Disk, realDisk } from '../machine-disk.ts'

/**
 * How far a chain of stored lines was known to be on disk, kept in a small file beside them: lines
 * that are cut off an end leave no trace in what is left.
 */
export interface Head {
  /** Name of the file. */
  file: string
  /** So much of it was safe, all of whole lines. */
  bytes: number
  /** The chain behind them. */
  chain: number
}

/** Keeps a head; it may lag behind, as it is not synced itself, and never says too much. */
export interface HeadKeeper {
  /** Only for lines that are safe already. */
  put(head: Head): void
  close(): void
}

/** Always the same number of bytes, so that a write changes the file in its place. */
const WIDTH = 160

const textOf = ({ file, bytes, chain }: Head): string => {
  const body = JSON.stringify({ head: 'sluice', file, bytes, chain })
  return `${body.slice(0, -1)},"sum":${crc32(body)}}`.padEnd(WIDTH - 1).concat('\n')
}

/**
 * What a file of heads says; undefined where there is none, or one that a crash has torn: then
 * nothing is known.
 */
export function readHead(path: string, disk = realDisk): Head | undefined {
  if (!disk.exists(path)) return undefined
  const fd = disk.open(path, 'r')
  try {
    const bytes = Buffer.alloc(WIDTH)
    const text = bytes.toString('utf8', 0, disk.read(fd, bytes, 0))
    const found = /^\{"head":"sluice","file":"([\w.-]+)","bytes":(\d+),"chain":(\d+),/.exec(text)
    if (found === null) return undefined
    const head = { file: found[1]!, bytes: Number(found[2]), chain: Number(found[3]) }
    return textOf(head) === text ? head : undefined
  } finally {
    disk.close(fd)
  }
}

/** Opens a file of heads for writing, made with `mode` where it is missing. */
export function keepHead(path: string, mode: number, disk: Disk = realDisk): HeadKeeper {
  let fd: number | undefined
  return {
    put(head) {
      try {
        fd ??= disk.open(path, 'r+', mode)
        disk.writeAt(fd, Buffer.from(textOf(head)), 0)
      } catch (error) {
        // The lines are safe. A head that lags notices less, and the next one catches up.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
      }
    },
    close() {
      if (fd !== undefined) disk.close(fd)
      fd = undefined
    },
  }
}
