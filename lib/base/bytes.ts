import { createReadStream, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import zlib from 'node:zlib'
import { DataError, UsageError } from './errors.ts'

/**
 * Bytes read at once: large enough that decompression and splitting dominate, small enough to keep
 * memory flat.
 */
const CHUNK = 256 * 1024
/** First bytes of a zstd frame (RFC 8878 §3.1.1), read as a little-endian number. */
const ZSTD = 0xfd2fb528

/**
 * Bytes of a file, or of standard input for `-`; gzip and zstd are recognised by their first bytes,
 * not by their name. Throws a UsageError when the file cannot be opened, a DataError when its
 * compression is broken (what could be decompressed has been yielded by then), and the signal's
 * reason when the signal fires. `took` is told of bytes as they are read, still packed.
 */
export async function* openBytes(
  path: string,
  signal: AbortSignal,
  took?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const input: Readable =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK })
  const stop = (): void => void input.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    yield* decompressed(took === undefined ? input : tallied(input, took), path)
    signal.throwIfAborted()
  } catch (error) {
    signal.throwIfAborted()
    throw readable(error, path)
  } finally {
    signal.removeEventListener('abort', stop)
    input.destroy()
  }
}

/**
 * Looks at every file before the first line is read, so that a wrong name stops the start and not
 * the middle of a run. Throws a UsageError for a file that is missing, unreadable, a folder, or
 * zstd on a Node that cannot read it.
 */
export async function checkFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path === '-') continue
    const found = await described(path)
    if (found.isDirectory()) throw new UsageError(`cannot read ${path}: it is a folder`)
    // The first bytes of a named pipe are gone once read.
    if (found.isFile()) decoderOf(await firstBytes(path))
  }
}

/** True for files that can be read a second time: not standard input, not a named pipe. */
export async function isRereadable(path: string): Promise<boolean> {
  return path !== '-' && (await described(path)).isFile()
}

async function described(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (error) {
    throw readable(error, path)
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw readable(error, path)
  }
}

async function* tallied(
  input: AsyncIterable<Buffer>,
  took: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    took(chunk.length)
    yield chunk
  }
}

async function* decompressed(input: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 4) {
    const next = await chunks.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  const whole = prepend(head, chunks)
  const decoder = decoderOf(head)
  if (decoder === undefined) yield* whole
  else yield* through(whole, decoder({ chunkSize: CHUNK }), path)
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** Feeds a decompressor with back-pressure; errors of either side end the output. */
async function* through(
  input: AsyncIterable<Buffer>,
  decoder: zlib.Gunzip,
  path: string,
): AsyncGenerator<Buffer> {
  // Whatever goes wrong destroys the decoder with that error, and the loop below throws it.
  pipeline(input, decoder, () => undefined)
  try {
    for await (const chunk of decoder) yield chunk as Buffer
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code?.startsWith('Z') ? new DataError(`${path}: broken compression: ${message}`) : error
  }
}

type MakeDecoder = (options: { chunkSize: number }) => zlib.Gunzip

function decoderOf(head: Buffer): MakeDecoder | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return zlib.createGunzip
  if (head.length < 4 || head.readUInt32LE(0) !== ZSTD) return undefined
  const make = (zlib as { createZstdDecompress?: MakeDecoder }).createZstdDecompress
  if (make === undefined)
    throw new UsageError(`.zst needs Node 22.15 or later, this is ${process.version}`)
  return make
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EMFILE: 'too many open files',
}

function readable(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  const reason = code === undefined ? undefined : REASONS[code]
  return reason === undefined ? error : new UsageError(`cannot read ${path}: ${reason}`)
}
