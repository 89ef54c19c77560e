import { readFileSync } from 'node:fs'

declare const BUILD_VERSION: string | undefined

/**
 * The help of a command, or of `sluice`, as the build has printed it: nothing of a command is
 * loaded to show it. Undefined in a run from source and for a word that is no command. Belongs to
 * main.ts alone, beside which the build lays the folder.
 */
export function readyHelp(name: string): string | undefined {
  if (typeof BUILD_VERSION === 'undefined') return undefined
  return readFileSync(new URL(`./help/${name}.txt`, import.meta.url), 'utf8')
}
