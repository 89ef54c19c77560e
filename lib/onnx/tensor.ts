/**
 * Contents of a constant; `bytes` are little-endian, except for text, which has no raw form in
 * ONNX.
 */
export interface TensorData {
  shape: readonly number[]
  type: 'float' | 'double' | 'int64' | 'string' | 'bool'
  bytes: Uint8Array
  strings?: readonly string[]
}

/**
 * Makers of constants by element type. Throws when the number of elements is not the product of the
 * shape.
 */
export const tensorOf = {
  float(data: ArrayLike<number>, shape: readonly number[]): TensorData {
    fits(data.length, shape)
    const copy = Float32Array.from(data)
    return { shape, type: 'float', bytes: new Uint8Array(copy.buffer) }
  },
  double(data: ArrayLike<number>, shape: readonly number[]): TensorData {
    fits(data.length, shape)
    const copy = Float64Array.from(data)
    return { shape, type: 'double', bytes: new Uint8Array(copy.buffer) }
  },
  int64(data: readonly number[], shape: readonly number[]): TensorData {
    fits(data.length, shape)
    const copy = BigInt64Array.from(data, value => BigInt(value))
    return { shape, type: 'int64', bytes: new Uint8Array(copy.buffer) }
  },
  bool(data: readonly boolean[], shape: readonly number[]): TensorData {
    fits(data.length, shape)
    return { shape, type: 'bool', bytes: Uint8Array.from(data, value => (value ? 1 : 0)) }
  },
  string(data: readonly string[]): TensorData {
    return { shape: [data.length], type: 'string', bytes: new Uint8Array(), strings: data }
  },
}

function fits(length: number, shape: readonly number[]): void {
  const size = shape.reduce((product, side) => product * side, 1)
  if (length !== size)
    throw new Error(`constant of shape [${shape.join()}] needs ${size} numbers, got ${length}`)
}
