import { StringDecoder } from 'node:string_decoder'
import { DataError } from '../../../base/errors.ts'
import { kindOf } from './magic.ts'
import type { PriceTable } from './price-table.ts'
import { textTable } from './text-table.ts'

/** Most that is held of a file that can only be read as a whole. */
const MAX_WHOLE = 512 * 2 ** 20
const HEAD = 512

/** How cells are written, where that is not plain. */
interface Writing {
  /** What stands before the decimals; with a comma no comma separates cells. */
  decimal: ',' | '.'
}

/**
 * Recognises a file of bars by its content and opens it as a table. Throws a DataError that names
 * what the file is when it cannot be read.
 */
export async function openTable(
  chunks: AsyncGenerator<Buffer>,
  writing: Writing,
): Promise<PriceTable | undefined> {
  const { head, all } = await withHead(chunks)
  if (head.length === 0) return undefined
  const kind = kindOf(head)
  if (typeof kind === 'object') throw new DataError(`no table that is read here: ${kind.unread}`)
  switch (kind) {
    case 'text':
      return textTable(all, writing)
    case 'utf16':
      return textTable(fromUtf16(all), writing)
    case 'json': {
      const { jsonTable } = await import('./json-table.ts')
      return jsonTable(await whole(all))
    }
    case 'arrow': {
      const { arrowTable } = await import('./arrow-table.ts')
      return arrowTable(await whole(all))
    }
    case 'zip': {
      const { unzipped } = await import('./zip.ts')
      const member = unzipped(await whole(all))
      const opened = await openTable(once(member), writing)
      return opened && { ...opened, format: `${opened.format} in .zip` }
    }
    case 'parquet':
      throw new DataError('Parquet can be read from a file only, not from a pipe or an archive')
  }
}

async function* once(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk
}

/** The first bytes, and everything with them in front. */
async function withHead(chunks: AsyncGenerator<Buffer>) {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < HEAD) {
    const next = await chunks.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    yield* chunks
  }
  return { head: head.subarray(0, HEAD), all: all() }
}

async function whole(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MAX_WHOLE)
      throw new DataError(`more than ${MAX_WHOLE >> 20} MB of a format that is read as a whole`)
    parts.push(chunk)
  }
  return Buffer.concat(parts, size)
}

async function* fromUtf16(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new StringDecoder('utf16le')
  for await (const chunk of chunks) yield Buffer.from(decoder.write(chunk))
  yield Buffer.from(decoder.end())
}
