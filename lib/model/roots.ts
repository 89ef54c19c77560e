import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Where models are looked for: the given folder only, or else `$SLUICE_HOME/models` (yours) before the `models` folder
 * of the package (shipped).
 */
export function modelRoots(given: string | undefined, home: string): string[] {
  return given === undefined ? [join(home, 'models'), shippedModels()] : [given]
}

/** The `models` folder beside the package.json of the product, from source and from the bundled build alike. */
export function shippedModels(from = dirname(fileURLToPath(import.meta.url))): string {
  const path = join(from, 'package.json')
  const isRoot = existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).name === 'sluice'
  if (isRoot || dirname(from) === from) return join(from, 'models')
  return shippedModels(dirname(from))
}
