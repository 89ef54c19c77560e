import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Real market data beside the checkout, where a machine has it. Tests on it skip elsewhere and are
 * never a thing’s only test.
 */
export function sharedFile(path: string): { path: string; skip: string | false } {
  const full = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
  return { path: full, skip: existsSync(full) ? false : `no ../shared/${path}` }
}
