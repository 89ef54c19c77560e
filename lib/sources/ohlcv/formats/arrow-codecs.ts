import type { CompressionType, compressionRegistry } from 'apache-arrow'
import { Decompress } from 'fzstd'
import { DataError } from '../../../base/errors.ts'
import { lz4Frame } from './lz4-frame.ts'

/** Lets Arrow unpack LZ4 frames and zstd, each buffer to at most so many bytes. */
export function registerCodecs(
  registry: typeof compressionRegistry,
  types: typeof CompressionType,
  most: number,
): void {
  registry.set(types.LZ4_FRAME, { decode: data => lz4Frame(data, most) })
  registry.set(types.ZSTD, { decode: data => unpackZstd(data, most) })
}

function unpackZstd(data: Uint8Array, most: number): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  const stream = new Decompress(part => {
    size += part.length
    if (size > most) throw new DataError(`unpacks to more than ${most} bytes: refused`)
    parts.push(part)
  })
  stream.push(data, true)
  return Buffer.concat(parts, size)
}
