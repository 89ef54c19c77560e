import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ort from 'onnxruntime-node'
import { encodeModel } from '../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../lib/onnx/graph.ts'
import { makeWire } from '../../../lib/onnx/wire.ts'

const numbers = (value: ort.Tensor | undefined) => [...(value!.data as Float32Array)]
const open = (bytes: Uint8Array) =>
  ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 })

test('wire: examples of the protobuf encoding guide', () => {
  // protobuf.dev/programming-guides/encoding: field 1 = 150 is 08 96 01; field 2 = "testing" is 12
  // 07 74…67
  assert.equal(Buffer.from(makeWire().int(1, 150).finish()).toString('hex'), '089601')
  assert.equal(
    Buffer.from(makeWire().bytes(2, 'testing').finish()).toString('hex'),
    '120774657374696e67',
  )
  // Negative int64 takes ten bytes: −2 is fe ff ff ff ff ff ff ff ff 01.
  assert.equal(
    Buffer.from(makeWire().int(1, -2).finish()).toString('hex'),
    '08feffffffffffffffff01',
  )
  // Packed field 6 with 3, 270, 86942: 32 06 03 8e 02 9e a7 05.
  assert.equal(
    Buffer.from(makeWire().ints(6, [3, 270, 86942]).finish()).toString('hex'),
    '3206038e029ea705',
  )
})

test('a graph with constants and two outputs runs in onnxruntime', async () => {
  const graph = makeGraph('affine')
  const x = graph.input('x', ['N', 2])
  const scaled = graph.op('Mul', [x, graph.floats([2, 3], [2])])
  graph.emit('Add', [scaled, graph.scalar(1)], ['y'])
  graph.emit('ReduceSum', ['y', graph.ints([1])], ['sum'], { keepdims: 0 })
  graph.output('y', ['N', 2])
  graph.output('sum', ['N'])
  const bytes = encodeModel(graph, { opset: 17 })
  assert.deepEqual(bytes, encodeModel(graph, { opset: 17 }))
  const session = await open(bytes)
  const out = await session.run({
    x: new ort.Tensor('float32', Float32Array.of(1, 1, 0, -1), [2, 2]),
  })
  assert.deepEqual(numbers(out.y), [3, 4, 1, -2])
  assert.deepEqual(numbers(out.sum), [7, -1])
  await session.release()
})

test('Scan with a body: running sum reads a value of the outer graph', async () => {
  const graph = makeGraph('running')
  const x = graph.input('x', ['T', 1])
  const gain = graph.floats([10], [1])
  const body = graph.child('body')
  const state = body.input('state', [1])
  const item = body.input('item', [1])
  const next = body.op('Add', [state, item])
  body.output(next, [1])
  body.output(body.op('Mul', [next, gain]), [1])
  const [, scanned] = graph.ops('Scan', [graph.floats([0], [1]), x], 2, {
    body,
    num_scan_inputs: 1,
  })
  graph.emit('Identity', [scanned!], ['y'])
  graph.output('y', ['T', 1])
  const session = await open(encodeModel(graph))
  const out = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2, 3), [3, 1]) })
  assert.deepEqual(numbers(out.y), [10, 30, 60])
  await session.release()
})

test('If takes one of two bodies', async () => {
  const graph = makeGraph('choose')
  const flag = graph.input('flag', [1], 'bool')
  const branch = (name: string, value: number) => {
    const body = graph.child(name)
    body.output(body.op('Identity', [body.scalar(value)]), [])
    return body
  }
  graph.emit('If', [flag], ['y'], { then_branch: branch('yes', 1), else_branch: branch('no', -1) })
  graph.output('y', [])
  const session = await open(encodeModel(graph))
  for (const [flagged, expected] of [
    [true, 1],
    [false, -1],
  ] as const) {
    const out = await session.run({ flag: new ort.Tensor('bool', [flagged], [1]) })
    assert.deepEqual(numbers(out.y), [expected])
  }
  await session.release()
})

test('a constant of the wrong size is refused', () => {
  assert.throws(() => makeGraph('g').floats([1, 2], [3]), /shape \[3\] needs 3 numbers, got 2/)
})
