import { inflateRawSync } from 'node:zlib'
import { DataError, show } from '../../../base/errors.ts'

/** Text of numbers packs to a tenth; a hundredth is no table but a trap. */
const MAX_RATIO = 100
const MAX_BYTES = 1024 * 2 ** 20
const END = 0x06054b50
const ENTRY = 0x02014b50
const TABLE = /\.(csv|tsv|txt|json|ndjson|jsonl)$/i

interface Entry {
  name: string
  flags: number
  method: number
  packed: number
  size: number
  at: number
}

/**
 * The one table in a .zip, as exchanges publish them (APPNOTE.TXT 6.3.10, §4.3): bounded in size
 * and ratio; names in the archive name nothing on this machine. Throws a DataError for an archive
 * without a table or with several, encrypted, broken, or that unpacks beyond the bounds.
 */
export function unzipped(archive: Buffer): Buffer {
  const entries = entriesOf(archive)
  const names = entries.map(({ name }) => name)
  if (names.some(name => name.startsWith('xl/')))
    throw new DataError('no table that is read here: an Excel workbook: save it as CSV')
  const tables = entries.filter(({ name }) => TABLE.test(name) && !name.startsWith('__MACOSX/'))
  const [entry] = tables
  if (entry === undefined || tables.length > 1)
    throw new DataError(
      `an archive of ${names.length} files, ${tables.length} of them tables: ` +
        `${show(names.slice(0, 5).join(', '), 120)}; unpack it and name the files`,
    )
  if ((entry.flags & 1) !== 0) throw new DataError('an encrypted archive: unpack it first')
  return inflated(archive, entry)
}

/** Entries of the central directory, which stands before the end record. */
function entriesOf(archive: Buffer): Entry[] {
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

function inflated(archive: Buffer, { at, packed, size, method }: Entry): Buffer {
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
