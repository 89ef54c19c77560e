import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../base/errors.ts'
import { parseWallets } from './families/smart-money.ts'

/** Reads `--smart-wallets FILE`. Throws a UsageError naming the file and the first bad line. */
export function readWallets(path: string): Set<string> {
  try {
    return parseWallets(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new UsageError(`--smart-wallets ${path}: ${messageOf(cause)}`, { cause })
  }
}
