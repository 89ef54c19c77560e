import { realpathSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * The command that the program was started as: `gate` for `/usr/bin/gate`, for a link of any name
 * to it, for a link `gate` to `sluice`, and for a shim that ends in .js; undefined for `sluice`.
 * `path` is argv[1], which Node leaves as it was called, links and all.
 */
export function commandCalled(path: string | undefined, commands: object): string | undefined {
  if (path === undefined) return undefined
  const names = [path, realpathSync(path)].map(each => basename(each).replace(/\.[cm]?js$/, ''))
  return names.find(name => Object.hasOwn(commands, name))
}
