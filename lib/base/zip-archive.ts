import { inflateRawSync } from 'node:zlib'
import { DataError } from './errors.ts'

/** Text of numbers packs to a tenth; a hundredth is no table but a trap. */
const MAX_RATIO = 100
const MAX_BYTES = 1024 * 2 ** 20
const END = 0x06054b50
const ENTRY = 0x02014b50

/** A file in an archive. */
interface Entry {
  name: string
  flags: number
  method: number
  packed: number
  size: number
  at: number
}

/**
 * Entries of the central directory of a .zip, which stands before the end record (APPNOTE.TXT
 * 6.3.10, §4.3). Throws a DataError where it is broken.
 */
export function entriesOf(archive: Buffer): Entry[] {
  const from = Math.max(0, archive.length - 65_557)
  const end = archive.subarray(from).lastIndexOf(u32(END)) + from
  if (end < from || end + 22 > archive.length) throw broken('no directory at its end')
  const count = archive.readUInt16LE(end + 10)
  let at = archive.readUInt32LE(end + 16)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY)
      throw broken('its directory ends early')
    const [name, extra, comment] = [28, 30, 32].map(off => archive.readUInt16LE(at + off))
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + name!),
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      at: archive.readUInt32LE(at + 42),
    })
    at += 46 + name! + extra! + comment!
  }
  return entries
}

/**
 * The contents of a file in an archive, bounded in size and ratio. Throws a DataError for what is
 * encrypted, broken, or unpacks beyond the bounds.
 */
export function inflated(archive: Buffer, { at, packed, size, method, flags }: Entry): Buffer {
  if ((flags & 1) !== 0) throw new DataError('an encrypted archive: unpack it first')
  if (at + 30 > archive.length) throw broken('a file lies outside it')
  const from = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28)
  const data = archive.subarray(from, from + packed)
  if (data.length < packed) throw broken('it ends inside a file')
  const most = Math.min(MAX_BYTES, packed * MAX_RATIO + 4096)
  if (size > most) throw new DataError(`unpacks to ${size} bytes of ${packed}: refused`)
  if (method === 0) return data
  if (method !== 8) throw broken(`packed by method ${method}, expected deflate`)
  try {
    const out = inflateRawSync(data, { maxOutputLength: most })
    if (out.length !== size) throw broken(`${out.length} bytes where ${size} were promised`)
    return out
  } catch (error) {
    if (error instanceof DataError) throw error
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw isLarge ? new DataError(`unpacks to more than ${most} bytes: refused`) : broken('damaged')
  }
}

const broken = (why: string): DataError => new DataError(`a broken .zip: ${why}`)

function u32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value)
  return out
}
