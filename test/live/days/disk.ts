import type { Rng } from '../../../lib/base/rng.ts'
import type { Disk } from '../../../lib/store/machine-disk.ts'

/** How a disk fails. */
export interface DiskFaults {
  /** Syncs that say they are done and are not: what they stood for is gone with the power. */
  lostSyncs: number
  /** Chance that a write or a sync fails, and of a write that takes a part only. */
  errors: number
  short: number
  /** Bytes that it holds. */
  room: number
}

export const SOUND: DiskFaults = { lostSyncs: 0, errors: 0, short: 0, room: 1e9 }

interface File {
  bytes: Buffer
  /** What the power cannot take. */
  safe: Buffer
  holder: object | undefined
}

/** What is thrown at whoever goes on working after its end: nobody is there to catch it. */
export class Dead extends Error {}

const failing = (code: string): Error => Object.assign(new Error(code), { code })

/** Files in memory, which a process sees through `open` for itself alone. */
export interface SimDisk {
  faults: DiskFaults
  /** The disk as one process has it; all it holds is let go when it `dies`. */
  forProcess(): Disk & { die(): void }
  /** The power goes: what was not synced is lost, but for a part that may be torn. */
  loseUnsynced(): void
  text(path: string): string
  /** A human takes a file away. */
  remove(path: string): void
  /** Somebody else deletes something, so that there is room again. */
  used(): number
}

export function makeDisk(rng: Rng): SimDisk {
  const files = new Map<string, File>()
  const disk: SimDisk = {
    faults: SOUND,
    text: path => files.get(path)?.bytes.toString() ?? '',
    remove: path => void files.delete(path),
    used: () => [...files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
    loseUnsynced() {
      for (const [path, file] of files) {
        if (file.bytes.equals(file.safe)) continue
        const { safe, bytes } = file
        const extra = bytes.length > safe.length ? bytes.subarray(safe.length) : Buffer.alloc(0)
        const kept = Buffer.from(extra.subarray(0, rng.below(extra.length + 1)))
        // The file may have grown although its pages never came: they read as zeros.
        if (rng.next() < 0.3) kept.fill(0)
        file.bytes = Buffer.concat([safe.length > bytes.length ? bytes : safe, kept])
        file.safe = file.bytes
        if (file.bytes.length === 0 && safe.length === 0) files.delete(path)
      }
    },
    forProcess() {
      const owner = {}
      let isDead = false
      const open = new Map<number, { path: string; file: File }>()
      const at = (fd: number): File => {
        if (isDead) throw new Dead()
        const found = open.get(fd)
        if (found === undefined) throw failing('EBADF')
        return found.file
      }
      let next = 3
      const may = (): void => {
        if (isDead) throw new Dead()
        if (rng.next() < disk.faults.errors) throw failing('EIO')
      }
      return {
        die() {
          isDead = true
          for (const file of files.values()) if (file.holder === owner) file.holder = undefined
        },
        exists: path => files.has(path),
        open(path, how) {
          if (isDead) throw new Dead()
          if (how === 'r' && !files.has(path)) throw failing('ENOENT')
          const empty = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0), holder: undefined }
          const file = files.get(path) ?? empty
          files.set(path, file)
          if (how === 'w') file.bytes = Buffer.alloc(0)
          open.set(next, { path, file })
          return next++
        },
        close: fd => {
          const file = at(fd)
          if (file.holder === owner) file.holder = undefined
          open.delete(fd)
        },
        size: fd => at(fd).bytes.length,
        isAt: (path, fd) => files.get(path) === at(fd),
        read(fd, into, from) {
          const { bytes } = at(fd)
          return bytes.copy(into, 0, Math.min(from, bytes.length))
        },
        write(fd, bytes) {
          const file = at(fd)
          may()
          const room = disk.faults.room - disk.used()
          if (room <= 0) throw failing('ENOSPC')
          const isShort = rng.next() < disk.faults.short
          const most = Math.min(room, isShort ? 1 + rng.below(bytes.length) : bytes.length)
          file.bytes = Buffer.concat([file.bytes, bytes.subarray(0, most)])
          return most
        },
        writeAt(fd, bytes, from) {
          const file = at(fd)
          may()
          if (disk.faults.room - disk.used() < bytes.length) throw failing('ENOSPC')
          const whole = Buffer.alloc(Math.max(file.bytes.length, from + bytes.length))
          file.bytes.copy(whole)
          whole.set(bytes, from)
          file.bytes = whole
        },
        sync(fd) {
          const file = at(fd)
          may()
          if (rng.next() >= disk.faults.lostSyncs) file.safe = file.bytes
        },
        truncate(fd, size) {
          const file = at(fd)
          file.bytes = file.bytes.subarray(0, size)
          if (file.safe.length > size) file.safe = file.bytes
        },
        makeFolder: () => undefined,
        syncFolder: may,
        remove: path => void files.delete(path),
        hold(fd) {
          const file = at(fd)
          if (file.holder !== undefined) throw failing('two writers')
          file.holder = owner
          return { release: () => void (file.holder = undefined) }
        },
      }
    },
  }
  return disk
}
