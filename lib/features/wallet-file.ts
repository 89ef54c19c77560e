import { messageOf, UsageError } from '../base/errors.ts'
import { readText } from '../base/read-text.ts'
import { parseWallets } from './families/smart-money.ts'

/** Reads `--smart-wallets FILE`. Throws a UsageError naming the file and the first bad line. */
export function readWallets(path: string): Set<string> {
  try {
    return parseWallets(readText(path))
  } catch (cause) {
    throw new UsageError(`--smart-wallets ${path}: ${messageOf(cause)}`, { cause })
  }
}
