import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBundle } from '../../../../lib/model/files.ts'
import type { ImportFlags } from '../../../../lib/model/import/import-flags.ts'
import { importModel } from '../../../../lib/model/import/run-import.ts'
import { scalerFromJson } from '../../../../lib/model/import/scalers/json-scaler.ts'
import { scalerFromPickle } from '../../../../lib/model/import/scalers/scalers.ts'
import { verifyBundle } from '../../../../lib/model/verify.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { fieldsOf } from '../../../../lib/onnx/read-model.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { folder } from '../fixture.ts'

/**
 * Written by CPython's pickle module from classes of the names and __reduce__ forms that
 * scikit-learn and numpy use: standard: mean 10, −2, scale 2, ½ (protocol 4 with _reconstruct,
 * protocol 5 with _frombuffer of numpy 2); robust: centre 1, 2, scale 4, 5 (protocol 2, bytes as
 * latin-1 text); minmax: min −½, 0, scale ¼, 2 (protocol 3); evil: os.system('touch /tmp/pwned').
 */
const PICKLES = {
  standard4:
    'gASVpQEAAAAAAACMG3NrbGVhcm4ucHJlcHJvY2Vzc2luZy5fZGF0YZSMDlN0YW5kYXJkU2NhbGVylJOUKYGUfZQojA' +
    'l3aXRoX21lYW6UiIwId2l0aF9zdGSUiIwEY29weZSIjAVtZWFuX5SMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF' +
    '9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwKFlGgMjAVkdHlwZZST' +
    'lIwCZjiUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYolDEAAAAAAAACRAAAAAAAAAAMCUdJRijAR2' +
    'YXJflGgLaA5oD2gQh5RSlChLAUsChZRoGIlDEAAAAAAAABBAAAAAAAAA0D+UdJRijAZzY2FsZV+UaAtoDm' +
    'gPaBCHlFKUKEsBSwKFlGgYiUMQAAAAAAAAAEAAAAAAAADgP5R0lGKMDm5fZmVhdHVyZXNfaW5flEsCjA' +
    '9uX3NhbXBsZXNfc2Vlbl+UTegDjBBfc2tsZWFybl92ZXJzaW9ulIwFMS41LjCUdWIu',
  standard5:
    'gAWViwEAAAAAAACMG3NrbGVhcm4ucHJlcHJvY2Vzc2luZy5fZGF0YZSMDlN0YW5kYXJkU2NhbGVylJOUKYGUfZQojA' +
    'l3aXRoX21lYW6UiIwId2l0aF9zdGSUiIwEY29weZSIjAVtZWFuX5SME251bXB5Ll9jb3JlLm51bWVyaWOUjAtfZn' +
    'JvbWJ1ZmZlcpSTlCiWEAAAAAAAAAAAAAAAAAAkQAAAAAAAAADAlIwFbnVtcHmUjAVkdHlwZZSTlIwCZjiUiYiH' +
    'lFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYksChZSMAUOUdJRSlIwEdmFyX5RoCyiWEAAAAAAAAAAAAAAA' +
    'AAAQQAAAAAAAANA/lGgSSwKFlGgWdJRSlIwGc2NhbGVflGgLKJYQAAAAAAAAAAAAAAAAAABAAAAAAAAA4D' +
    '+UaBJLAoWUaBZ0lFKUjA5uX2ZlYXR1cmVzX2luX5RLAowPbl9zYW1wbGVzX3NlZW5flE3oA4wQX3NrbG' +
    'Vhcm5fdmVyc2lvbpSMBTEuNS4wlHViLg==',
  robust2:
    'gAJjc2tsZWFybi5wcmVwcm9jZXNzaW5nLl9kYXRhClJvYnVzdFNjYWxlcgpxACmBcQF9cQIoWA4AAAB3aXRoX2Nlbn' +
    'RlcmluZ3EDiFgOAAAAcXVhbnRpbGVfcmFuZ2VxBEdAOQAAAAAAAEdAUsAAAAAAAIZxBVgHAAAAY2VudGVyX3EGY2' +
    '51bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQdjbnVtcHkKbmRhcnJheQpxCEsAhXEJY19jb2Rl' +
    'Y3MKZW5jb2RlCnEKWAEAAABicQtYBgAAAGxhdGluMXEMhnENUnEOh3EPUnEQKEsBSwKFcRFjbnVtcHkKZHR5' +
    'cGUKcRJYAgAAAGY4cROJiIdxFFJxFShLA1gBAAAAPHEWTk5OSv////9K/////0sAdHEXYoloClgRAAAAAA' +
    'AAAAAAw7A/AAAAAAAAAEBxGGgMhnEZUnEadHEbYlgGAAAAc2NhbGVfcRxoB2gIaAloDodxHVJxHihLAU' +
    'sChXEfaBWJaApYEAAAAAAAAAAAABBAAAAAAAAAFEBxIGgMhnEhUnEidHEjYnViLg==',
  minmax3:
    'gANjc2tsZWFybi5wcmVwcm9jZXNzaW5nLl9kYXRhCk1pbk1heFNjYWxlcgpxACmBcQF9cQIoWA0AAABmZWF0dXJlX3' +
    'JhbmdlcQNLAEsBhnEEWAQAAABjbGlwcQWJWAQAAABtaW5fcQZjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbn' +
    'N0cnVjdApxB2NudW1weQpuZGFycmF5CnEISwCFcQlDAWJxCodxC1JxDChLAUsChXENY251bXB5CmR0eXBlCnEO' +
    'WAIAAABmOHEPiYiHcRBScREoSwNYAQAAADxxEk5OTkr/////Sv////9LAHRxE2KJQxAAAAAAAADgvwAAAAAA' +
    'AAAAcRR0cRViWAYAAABzY2FsZV9xFmgHaAhoCWgKh3EXUnEYKEsBSwKFcRloEYlDEAAAAAAAANA/AAAAAA' +
    'AAAEBxGnRxG2JYCQAAAGRhdGFfbWluX3EcaAdoCGgJaAqHcR1ScR4oSwFLAoVxH2gRiUMQAAAAAAAAAE' +
    'AAAAAAAAAAAHEgdHEhYnViLg==',
  evil: 'gASVKwAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjBB0b3VjaCAvdG1wL3B3bmVklIWUUpQu',
}
const pickled = (name: keyof typeof PICKLES): Buffer => Buffer.from(PICKLES[name], 'base64')

test('scalers are read from pickles of all protocols and from JSON', () => {
  for (const name of ['standard4', 'standard5'] as const) {
    assert.deepEqual(scalerFromPickle(pickled(name)), {
      offset: Float64Array.of(10, -2),
      scale: Float64Array.of(2, 0.5),
      centre: Float64Array.of(10, -2),
    })
  }
  assert.deepEqual(scalerFromPickle(pickled('robust2')), {
    offset: Float64Array.of(1, 2),
    scale: Float64Array.of(4, 5),
    centre: Float64Array.of(1, 2),
  })
  // x·¼ − ½ = (x − 2)/4; x·2 + 0 = (x − 0)/½.
  const { offset, scale } = scalerFromPickle(pickled('minmax3'))
  assert.deepEqual(
    [...offset].map(x => x + 0),
    [2, 0],
  )
  assert.deepEqual([...scale], [4, 0.5])
  assert.deepEqual(
    scalerFromJson('{"mean":[10,-2],"scale":[2,0.5]}'),
    scalerFromPickle(pickled('standard4')),
  )
  assert.deepEqual(
    scalerFromJson('{"center_":[1,2],"scale_":[4,5]}'),
    scalerFromPickle(pickled('robust2')),
  )
  assert.throws(
    () => scalerFromJson('{"mean":[1,"x"],"scale":[1,1]}'),
    /mean_: expected a list of numbers|expected a list of numbers/,
  )
  assert.throws(() => scalerFromJson('{"mean":[1],"scale":[0]}'), /one positive entry per feature/)
})

test('a hostile pickle is refused by name, and nothing runs', () => {
  assert.throws(
    () => scalerFromPickle(pickled('evil')),
    /"posix.system" at byte \d+ is not on the allow-list/,
  )
  // cos\nsystem\n(S'true'\ntR. — protocol 0.
  assert.throws(
    () => scalerFromPickle(Buffer.from("cos\nsystem\n(S'true'\ntR.")),
    /"os.system" .* not on the allow-list/,
  )
  // Extension registry (EXT1) and persistent ids can name code as well.
  assert.throws(
    () => scalerFromPickle(Buffer.from([0x80, 4, 0x82, 1, 0x2e])),
    /opcode 0x82 at byte 2/,
  )
  assert.throws(() => scalerFromPickle(Buffer.from('Pid\n.')), /opcode 0x50/)
})

test('a truncated pickle is named, whatever the cut; garbage never does anything but throw', () => {
  const whole = pickled('standard4')
  for (let size = 0; size < whole.length; size++) {
    assert.throws(
      () => scalerFromPickle(whole.subarray(0, size)),
      /truncated|not a pickle|expected/,
      `${size} bytes`,
    )
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      assert.throws(() => scalerFromPickle(bytes), { name: 'Failure' })
    }),
  )
})

/** What skl2onnx makes of a two-class model: label and probabilities. P(1) = σ(x₀ + 2·x₁). */
function foreign(): Uint8Array {
  const graph = makeGraph('foreign')
  const x = graph.input('X', ['N', 2])
  const z = graph.op('MatMul', [x, graph.floats([1, 2], [2, 1])])
  const one = graph.op('Sigmoid', [z])
  graph.emit('Concat', [graph.op('Sub', [graph.scalar(1), one]), one], ['probabilities'], {
    axis: 1,
  })
  graph.emit('Greater', [z, graph.scalar(0)], ['label'])
  graph.output('label', ['N', 1], 'bool')
  graph.output('probabilities', ['N', 2])
  return encodeModel(graph)
}

const flags = (root: string, more: Partial<ImportFlags> = {}): ImportFlags => ({
  out: join(root, 'moon', '1'),
  features: ['priceChange1', 'priceChange3'],
  scalers: join(root, 'scalers.pkl'),
  scaler: undefined,
  kind: 'moon',
  set: undefined,
  head: undefined,
  input: undefined,
  output: undefined,
  column: 1,
  class: undefined,
  unit: undefined,
  map: undefined,
  parity: undefined,
  mostUnknown: undefined,
  categories: undefined,
  ...more,
})

test('an ONNX file with its pickled scaler becomes a bundle on raw features', async t => {
  const root = folder(t)
  const file = join(root, 'm.onnx')
  writeFileSync(file, foreign())
  writeFileSync(join(root, 'scalers.pkl'), pickled('standard4'))
  await importModel(file, flags(root))
  const loaded = readBundle(join(root, 'moon', '1'))
  assert.equal(await verifyBundle(loaded), 0)
  const session = await openSession(loaded.model, 2)
  const data = Float32Array.of(12, -1.5, Number.NaN, -2)
  const out = await session.run([{ name: 'features', data, shape: [2] }], 2)
  const p = out.get('sluice_head')!
  // (12−10)/2 = 1, (−1.5+2)/½ = 1: σ(1 + 2) = .952574; unknown → centre: σ(0) = ½.
  assert.ok(Math.abs(p[0]! - 0.9525741) < 1e-6)
  assert.equal(p[1], 0.5)
  await session.release()
  assert.match(readFileSync(join(root, 'moon', '1', 'CARD.md'), 'utf8'), /never measured here/)
})

test('what cannot be imported is named and leaves nothing behind', async t => {
  const root = folder(t)
  const file = join(root, 'm.onnx')
  writeFileSync(file, foreign())
  writeFileSync(join(root, 'scalers.pkl'), pickled('standard4'))
  writeFileSync(join(root, 'cut.onnx'), foreign().subarray(0, 90))
  await assert.rejects(
    importModel(file, flags(root, { features: ['priceChange1', 'priceChange3', 'volumeSpike'] })),
    /input X takes 2 numbers a row, 3 are named for it/,
  )
  await assert.rejects(
    importModel(file, flags(root, { column: undefined })),
    /choose a column with --column/,
  )
  await assert.rejects(
    importModel(file, flags(root, { output: 'nothing' })),
    /outputs label, probabilities, not nothing/,
  )
  await assert.rejects(
    importModel(file, flags(root, { features: undefined })),
    /--features, or --input X=…, is needed/,
  )
  await assert.rejects(
    importModel(join(root, 'cut.onnx'), flags(root)),
    /the ONNX file ends inside a value at byte \d+: truncated/,
  )
  await assert.rejects(
    importModel(file, flags(root, { scalers: undefined, features: ['a'] })),
    /input X takes 2 numbers a row, 1 are named for it/,
  )
  assert.throws(() => readBundle(join(root, 'moon', '1')), /ENOENT/)
})

test('protobuf fields survive a round trip, garbage throws', () => {
  assert.deepEqual(
    fieldsOf(Buffer.from('089601120774657374696e67', 'hex')).map(({ number, type }) => [
      number,
      type,
    ]),
    [
      [1, 0],
      [2, 2],
    ],
  )
  assert.throws(() => fieldsOf(Buffer.from('1207746573', 'hex')), /truncated/)
})
