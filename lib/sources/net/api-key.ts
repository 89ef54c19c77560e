import { statSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { noteSecret } from '../../base/secrets.ts'

const MAX_KEY = 4096

/**
 * The API key in a file: one line. Throws a UsageError when the file cannot be read, is open to
 * others, or does not hold one printable word. The key never appears in the message.
 */
export function readKey(path: string, what: string): string {
  let text: string
  try {
    const { mode } = statSync(path)
    if ((mode & 0o077) !== 0)
      throw new UsageError(`${what}: ${path} can be read by others; chmod 600 it`)
    text = readText(path).trim()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${what}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    )
  }
  if (text.length === 0 || text.length > MAX_KEY || !/^[\x21-\x7e]+$/.test(text))
    throw new UsageError(`${what}: ${path} does not hold one key on one line`)
  noteSecret(text)
  return text
}

/** Takes secrets out of a text that is going to be shown. */
export function redact(text: string, secrets: readonly string[]): string {
  let out = text
  for (const secret of secrets) if (secret.length > 3) out = out.replaceAll(secret, '***')
  return out
}
