import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, UsageError } from '../base/errors.ts'

/**
 * Names by which one asks this machine itself. A page in a browser can make a name of its own mean
 * 127.0.0.1 and read what is answered to it (DNS rebinding).
 */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

/** Whether the Host of a request is one of this machine's own names. */
export const isOwnHost = (host: string | undefined): boolean => OWN_HOST.test(host ?? '')

/**
 * Starts a server on 127.0.0.1 alone and returns its port; 0 asks for a free one. Throws UsageError
 * naming the flag when the port cannot be used.
 */
export function listenOnLoopback(server: Server, port: number, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    if (port > 65_535) throw new UsageError(`${flag} ${port}: ports end at 65535`)
    server.once('error', error => reject(new UsageError(`${flag} ${port}: ${messageOf(error)}`)))
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
