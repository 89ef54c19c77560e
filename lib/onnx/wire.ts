/** Protocol Buffers, writing only: https://protobuf.dev/programming-guides/encoding. */
export interface Wire {
  /** Varint field; negative numbers as two's complement in 64 bits. */
  int(field: number, value: number | bigint): Wire
  /** 32-bit field. */
  float(field: number, value: number): Wire
  /** 32- or 64-bit field from its bytes. */
  fixed(field: number, value: Uint8Array): Wire
  /** Length-delimited field: text, raw bytes or a nested message. */
  bytes(field: number, value: string | Uint8Array | Wire): Wire
  /** Repeated varints, packed into one field. */
  ints(field: number, values: ArrayLike<number>): Wire
  /** Repeated floats, packed into one field. */
  floats(field: number, values: Float32Array): Wire
  /** Everything written so far. */
  finish(): Uint8Array
}

/**
 * A writer on one growing buffer. Fields come out in the order of the calls, so equal calls give
 * equal bytes.
 */
export function makeWire(): Wire {
  let buffer = Buffer.allocUnsafe(256)
  let used = 0
  const room = (size: number): void => {
    if (used + size <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + size))
    buffer.copy(larger, 0, 0, used)
    buffer = larger
  }
  const varint = (value: number | bigint): void => {
    room(10)
    used = putVarint(buffer, used, value)
  }
  const tag = (field: number, type: number): void => varint(field * 8 + type)
  const raw = (value: Uint8Array): void => {
    room(value.length)
    buffer.set(value, used)
    used += value.length
  }
  const delimited = (field: number, value: Uint8Array): Wire => {
    tag(field, 2)
    varint(value.length)
    raw(value)
    return wire
  }
  const wire: Wire = {
    int(field, value) {
      tag(field, 0)
      varint(value)
      return wire
    },
    float(field, value) {
      tag(field, 5)
      raw(new Uint8Array(Float32Array.of(value).buffer))
      return wire
    },
    fixed(field, value) {
      tag(field, value.length === 4 ? 5 : 1)
      raw(value)
      return wire
    },
    bytes: (field, value) => delimited(field, bytesOf(value)),
    ints: (field, values) => delimited(field, packed(values)),
    floats: (field, values) =>
      delimited(field, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    finish: () => buffer.subarray(0, used),
  }
  return wire
}

const bytesOf = (value: string | Uint8Array | Wire): Uint8Array =>
  typeof value === 'string'
    ? Buffer.from(value)
    : value instanceof Uint8Array
      ? value
      : value.finish()

function packed(values: ArrayLike<number>): Uint8Array {
  const out = Buffer.allocUnsafe(values.length * 10)
  let used = 0
  for (let i = 0; i < values.length; i++) used = putVarint(out, used, values[i]!)
  return out.subarray(0, used)
}

/**
 * Seven bits a byte, low first; the high bit says that more follow. Returns the next free position.
 */
function putVarint(out: Buffer, from: number, value: number | bigint): number {
  let at = from
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) {
    let rest = value
    for (; rest > 127; rest >>>= 7) out[at++] = (rest & 127) | 128
    out[at++] = rest
    return at
  }
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) out[at++] = Number(rest & 127n) | 128
  out[at++] = Number(rest)
  return at
}
