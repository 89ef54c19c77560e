import { existsSync, statSync } from 'node:fs'
import { show, UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { isAddress } from '../decode/base58.ts'

const MAX_BYTES = 16 * 2 ** 20
const MAX_MINTS = 10_000

/**
 * Mints from words of the command line: each is a mint, or a file with one mint a line (blank lines
 * and `#` comments are passed over; of a line of JSON its `mint` counts). Doubles are taken once.
 * Throws a UsageError naming the first word or line that is neither.
 */
export function readMints(words: readonly string[]): string[] {
  const mints = new Set<string>()
  for (const word of words) {
    if (isAddress(word)) mints.add(word)
    else for (const mint of inFile(word)) mints.add(mint)
  }
  if (mints.size === 0) throw new UsageError('--mints: no mints given')
  if (mints.size > MAX_MINTS)
    throw new UsageError(`--mints: ${mints.size} mints, at most ${MAX_MINTS}`)
  return [...mints]
}

function inFile(path: string): string[] {
  if (!existsSync(path)) throw new UsageError(`--mints: ${show(path)} is neither a mint nor a file`)
  const found = statSync(path)
  if (!found.isFile() || found.size > MAX_BYTES)
    throw new UsageError(`--mints: ${path} is not a file of at most 16 MB`)
  return readText(path)
    .split(/\r?\n/)
    .flatMap((line, i) => {
      const text = line.replace(/^\ufeff/, '').trim()
      if (text === '' || text.startsWith('#')) return []
      const mint = text.startsWith('{') ? mintIn(text) : text.split(/[\s,;]/)[0]
      if (!isAddress(mint))
        throw new UsageError(`--mints: ${path}: line ${i + 1}: expected a mint, got ${show(text)}`)
      return [mint]
    })
}

function mintIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { mint?: unknown }).mint
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
