import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { UsageError } from '../../../base/errors.ts'

const MAX_BYTES = 1024

/**
 * The 64 bytes of a key file as solana-keygen writes it: a list of numbers. Throws a UsageError
 * that says what to do when it is a link, belongs to or can be read by somebody else, or holds
 * anything else; never with a byte of it.
 */
export function readKeyFile(path: string): Uint8Array {
  const text = readOwn(path)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  const isByte = (n: unknown): boolean =>
    typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= 255
  if (!Array.isArray(parsed) || parsed.length !== 64 || !parsed.every(isByte))
    throw new UsageError(
      `live.keypair: ${path} is no key file: expected a list of 64 numbers as solana-keygen ` +
        'writes it',
    )
  return Uint8Array.from(parsed)
}

function readOwn(path: string): string {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP')
      throw new UsageError(`live.keypair: ${path} is a link; name the file itself`)
    throw new UsageError(`live.keypair: cannot read ${path}: ${code ?? 'error'}`)
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new UsageError(`live.keypair: ${path} is not a file`)
    if ((stat.mode & 0o077) !== 0)
      throw new UsageError(`live.keypair: ${path} can be read by others; chmod 600 it`)
    if (stat.uid !== process.getuid?.())
      throw new UsageError(`live.keypair: ${path} belongs to somebody else; chown it`)
    if (stat.size > MAX_BYTES)
      throw new UsageError(`live.keypair: ${path} is no key file: ${stat.size} bytes`)
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}
