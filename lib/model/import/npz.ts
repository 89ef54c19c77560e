import { DataError, show } from '../../base/errors.ts'
import { entriesOf, inflated } from '../../base/zip-archive.ts'

/** Numbers with a shape, in double precision. */
interface Table {
  data: Float64Array
  shape: readonly number[]
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/** Numbers of each element type that is read (numpy.lib.format, little-endian). */
const TYPES: Readonly<
  Record<string, [size: number, read: (view: DataView, at: number) => number]>
> = {
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '|b1': [1, (view, at) => view.getUint8(at)],
}

/** Whether bytes are a .npz, an archive of arrays. */
export const isNpz = (bytes: Buffer): boolean => bytes.readUInt32LE(0) === 0x04034b50

/** Arrays of an .npz by name. Throws DataError naming the one that is not read. */
export function readNpz(bytes: Buffer): Map<string, Table> {
  return new Map(
    entriesOf(bytes).map(entry => [
      entry.name.replace(/\.npy$/, ''),
      readNpy(inflated(bytes, entry), entry.name),
    ]),
  )
}

/**
 * One array: magic, version, length of a header that is a Python dict of three keys, then the
 * numbers (numpy/lib/format.py). Arrays of objects, which are pickles, are refused.
 */
function readNpy(bytes: Buffer, name: string): Table {
  const wrong = (why: string): DataError => new DataError(`${show(name)}: ${why}`)
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) throw wrong('not a numpy array')
  const isLong = bytes[6]! > 1
  const from = isLong ? 12 : 10
  const size = isLong ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8)
  const head = bytes.toString('latin1', from, from + size)
  const descr = /'descr':\s*'([^']*)'/.exec(head)?.[1] ?? ''
  const sides = /'shape':\s*\(([\d,\s]*)\)/.exec(head)?.[1]
  const type = TYPES[descr]
  if (type === undefined || sides === undefined)
    throw wrong(`holds ${descr || 'no plain array'}; save it as float32 or float64`)
  if (/'fortran_order':\s*True/.test(head)) throw wrong('is in the order of Fortran; save a copy')
  const shape = sides.split(',').flatMap(side => (side.trim() === '' ? [] : [Number(side)]))
  const count = shape.reduce((product, side) => product * side, 1)
  if (from + size + count * type[0] > bytes.length) throw wrong('ends early: truncated')
  const view = new DataView(bytes.buffer, bytes.byteOffset + from + size)
  const data = Float64Array.from({ length: count }, (_, k) => type[1](view, k * type[0]))
  return { data, shape }
}
