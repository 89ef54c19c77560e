declare module 'ndjson' {
  import type { Duplex } from 'node:stream'

  const ndjson: { parse(): Duplex; stringify(): Duplex }
  export default ndjson
}
