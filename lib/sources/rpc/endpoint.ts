import { statSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import { readText } from '../../base/read-text.ts'
import { noteSecret } from '../../base/secrets.ts'

export interface Endpoint {
  url: URL
  wsUrl: string
  /** Parts of the addresses that are never shown: paths and queries may hold a key. */
  secrets: string[]
}

/**
 * Where a Solana node is: an address on the command line, if it holds no key, or a file with it
 * (and the websocket’s on a second line, where it is not the same with ws). Throws a UsageError
 * that begins with the name of the setting; it never shows the address.
 */
export function readEndpoint(where: string, name = '--rpc'): Endpoint {
  const isAddress = /^https?:\/\//.test(where)
  const [first = '', second] = isAddress ? [where] : linesIn(where, name)
  const url = parsed(first, ['http:', 'https:'], name)
  if (isAddress && hasKey(url))
    throw new UsageError(
      `${name}: an address with a key belongs into a file that only you can read`,
    )
  // The websocket of a node on its own port 8899 is on the next port.
  const ws = second === undefined ? new URL(url) : parsed(second, ['ws:', 'wss:'], name)
  if (second === undefined) {
    ws.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
    if (url.port === '8899') ws.port = '8900'
  }
  const secrets = [url, ws]
    .flatMap(each => [each.pathname + each.search, each.search])
    .filter(part => part.length > 3)
  noteSecret(secrets)
  return { url, wsUrl: ws.href, secrets }
}

/** A query, a user, or a word of the path that looks like a key. */
const hasKey = (url: URL): boolean =>
  url.search !== '' || url.username !== '' || url.pathname.split('/').some(word => word.length > 15)

function linesIn(path: string, name: string): string[] {
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      throw new UsageError(`${name}: ${path} can be read by others; chmod 600 it`)
    return readText(path).trim().split(/\s+/).slice(0, 2)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${name}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    )
  }
}

function parsed(text: string, protocols: readonly string[], name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !protocols.includes(url.protocol))
    throw new UsageError(`${name}: expected an address that begins with ${protocols.join(' or ')}`)
  return url
}
