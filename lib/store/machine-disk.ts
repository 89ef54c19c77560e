import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { syncFolder } from '../base/atomic-write.ts'
import { type Hold, holdFile } from './hold.ts'

/**
 * What a file that money depends on asks of the machine. Each call throws what the system says,
 * with its code. Another one than that of the machine loses what was not synced, runs full, or
 * dies.
 */
export interface Disk {
  exists(path: string): boolean
  /** `a+` appends, `w` begins anew, `r+` writes anywhere; all make the file with the mode. */
  open(path: string, how: 'r' | 'r+' | 'a' | 'a+' | 'w', mode?: number): number
  close(fd: number): void
  size(fd: number): number
  /** Whether the path still names what is open. */
  isAt(path: string, fd: number): boolean
  /** Bytes read from an offset on: at most as many as there is room for, 0 at the end. */
  read(fd: number, into: Uint8Array, at: number): number
  /** Bytes written at the end, or where the last write ended: at least one. */
  write(fd: number, bytes: Uint8Array): number
  /** Writes all of a few bytes at an offset. */
  writeAt(fd: number, bytes: Uint8Array, at: number): void
  sync(fd: number): void
  truncate(fd: number, size: number): void
  makeFolder(path: string, mode: number): void
  syncFolder(path: string): void
  remove(path: string): void
  /** As `holdFile`. */
  hold(fd: number, path: string, onWeak?: (text: string) => void): Hold
}

/** The disk of the machine. */
export const realDisk: Disk = {
  exists: existsSync,
  open: (path, how, mode) =>
    openSync(path, how === 'r+' ? constants.O_RDWR | constants.O_CREAT : how, mode),
  close: closeSync,
  size: fd => fstatSync(fd).size,
  isAt: (path, fd) => statSync(path).ino === fstatSync(fd).ino,
  read: (fd, into, at) => readSync(fd, into, 0, into.length, at),
  write: (fd, bytes) => writeSync(fd, bytes),
  writeAt: (fd, bytes, at) => void writeSync(fd, bytes, 0, bytes.length, at),
  sync: fsyncSync,
  truncate: ftruncateSync,
  makeFolder: (path, mode) => void mkdirSync(path, { recursive: true, mode }),
  syncFolder,
  remove: path => rmSync(path),
  hold: holdFile,
}
