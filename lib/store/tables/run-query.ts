import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Output } from '../../base/console.ts'
import { UsageError } from '../../base/errors.ts'
import { query } from './query.ts'

interface RunQuery {
  home: string
  args: readonly string[]
  tail: boolean
  file: string | undefined
  memory: string
  signal: AbortSignal
}

/** The command `query`: rows as NDJSON, each block written before the next is fetched. */
export async function runQuery(
  { args, file, signal, ...options }: RunQuery,
  out: Output,
): Promise<void> {
  const [first, second] = args
  const fromStdin = second !== undefined
  if (fromStdin && first !== '-')
    throw new UsageError('expected one SQL text, or - and one SQL text')
  if (fromStdin && file !== undefined) throw new UsageError('--file and - both name the input')
  const dir = fromStdin ? mkdtempSync(join(tmpdir(), 'sluice-input-')) : undefined
  try {
    const path = dir === undefined ? file : await saveStdin(dir, signal)
    for await (const rows of query({
      ...options,
      file: path,
      sql: (fromStdin ? second : first)!,
    })) {
      if (signal.aborted) return
      if (rows.length > 0) await out.write(`${rows.map(row => JSON.stringify(row)).join('\n')}\n`)
    }
  } finally {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  }
}

/** The engine reads its input twice, once for the columns: a pipe has to be kept. */
async function saveStdin(dir: string, signal: AbortSignal): Promise<string> {
  const path = join(dir, 'input.ndjson')
  await pipeline(process.stdin, createWriteStream(path), { signal })
  return path
}
