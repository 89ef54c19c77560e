import { show, UsageError } from '../../base/errors.ts'
import { readKey } from '../net/api-key.ts'
import { keyFlag, type Provider } from '../providers/provider.ts'
import { LIVE_PROVIDERS } from '../providers/providers.ts'

/** Values of flags, of which those of keys are read. */
export type KeyValues = Readonly<Record<string, unknown>>

/** The file with the key of a provider, as the flags name it. */
export const keyFile = (provider: string, flags: KeyValues): string | undefined =>
  flags[keyFlag(provider)] as string | undefined

/** Base URLs by provider from `name=url` words. Throws a UsageError for anything else. */
export function readBases(words: readonly string[]): Map<string, string> {
  const bases = new Map<string, string>()
  for (const word of words) {
    const [name = '', ...rest] = word.split('=')
    const url = URL.canParse(rest.join('=')) ? new URL(rest.join('=')) : undefined
    if (!LIVE_PROVIDERS.includes(name) || url === undefined || url.search !== '')
      throw new UsageError(
        `--base: expected NAME=URL with one of ${LIVE_PROVIDERS.join(', ')}, got ${show(word)}`,
      )
    if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
      throw new UsageError(`--base: expected http, https, ws or wss, got ${url.protocol}`)
    bases.set(name, url.href.replace(/\/$/, ''))
  }
  return bases
}

/**
 * Keys by provider from the files that the flags name. Throws a UsageError for a file that does not
 * hold one, and where a needed one is missing.
 */
export function readKeys(providers: readonly Provider[], flags: KeyValues): Map<string, string> {
  const keys = new Map<string, string>()
  for (const { name, key } of providers) {
    if (key === undefined) continue
    const path = keyFile(name, flags)
    if (path !== undefined) keys.set(name, readKey(path, `--${name}-key`))
    else if (key.isNeeded) throw new UsageError(`--providers ${name} needs --${name}-key FILE`)
  }
  return keys
}
