import { keyText, toBase58 } from '../../../lib/sources/decode/base58.ts'

/** A transaction of version 0 as a block takes it. */
export interface Wire {
  signature: string
  keys: readonly string[]
  ownKeys: number
  writableLookups: number
  blockhash: string
  instructions: readonly { program: string; accounts: readonly string[]; data: Buffer }[]
}

const TABLE_HEADER = 56

/** Base58 of keys that come again and again. */
const known = new Map<string, string>()
function keyAt(bytes: Buffer, at: number): string {
  const raw = bytes.toString('latin1', at, at + 32)
  const found = known.get(raw) ?? keyText(bytes, at)
  if (known.size < 5000) known.set(raw, found)
  return found
}

/**
 * Reads a transaction (solana.com, "Transactions": signatures, header, keys, blockhash,
 * instructions, lookups; lengths below 128 have one byte). `tableOf` gives the data of a table.
 */
export function readWire(bytes: Buffer, tableOf: (key: string) => Buffer | undefined): Wire {
  const signatures = bytes[0]!
  let at = 1 + 64 * signatures
  if (bytes[at++] !== 0x80) throw new Error('not of version 0')
  at += 3
  const list = <T>(read: () => T): T[] => Array.from({ length: length() }, read)
  const length = (): number => {
    const n = bytes[at++]!
    return n < 128 ? n : (n & 127) + bytes[at++]! * 128
  }
  const key = (): string => {
    at += 32
    return keyAt(bytes, at - 32)
  }
  const own = list(key)
  const blockhash = key()
  const compiled = list(() => {
    const program = bytes[at++]!
    const accounts = list(() => bytes[at++]!)
    const size = length()
    at += size
    return { program, accounts, data: bytes.subarray(at - size, at) }
  })
  const lookups = list(() => ({
    table: tableOf(key()) ?? Buffer.alloc(0),
    writable: list(() => bytes[at++]!),
    readonly: list(() => bytes[at++]!),
  }))
  const from = (which: 'writable' | 'readonly'): string[] =>
    lookups.flatMap(each => each[which].map(i => keyAt(each.table, TABLE_HEADER + 32 * i)))
  const writable = from('writable')
  const keys = [...own, ...writable, ...from('readonly')]
  return {
    signature: toBase58(bytes.subarray(1, 65)),
    keys,
    ownKeys: own.length,
    writableLookups: writable.length,
    blockhash,
    instructions: compiled.map(({ program, accounts, data }) => ({
      program: keys[program]!,
      accounts: accounts.map(i => keys[i]!),
      data,
    })),
  }
}
