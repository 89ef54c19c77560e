import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../lib/model/files.ts'
import { HEAD } from '../../../lib/model/import/edit.ts'
import type { ImportFlags } from '../../../lib/model/import/import-flags.ts'
import { importModel } from '../../../lib/model/import/run-import.ts'
import { type Scaler, scalerFromPickle } from '../../../lib/model/import/scalers.ts'
import { openSession } from '../../../lib/onnx/session.ts'
import { folder } from './fixture.ts'

/**
 * Files of scikit-learn, joblib and skl2onnx with what scikit-learn says with them; made by
 * bench/peers/scalers.py.
 */
const at = (name: string): string => new URL(`sklearn/${name}`, import.meta.url).pathname
const bytes = (name: string): Buffer => readFileSync(at(name))
const EXPECTED = JSON.parse(readFileSync(at('expected.json'), 'utf8')) as {
  rows: number[][]
  scaled: Record<'standard' | 'robust' | 'minmax', number[][]>
  p: Record<'logistic' | 'forest', number[]>
}
const FEATURES = ['priceChange1', 'priceChange3', 'volumeSpike']

function agrees({ offset, scale }: Scaler, name: keyof typeof EXPECTED.scaled): void {
  EXPECTED.rows.forEach((row, i) => {
    row.forEach((x, f) => {
      const found = (x - offset[f]!) / scale[f]!
      assert.ok(
        Math.abs(found - EXPECTED.scaled[name][i]![f]!) < 1e-9,
        `${name} row ${i} feature ${f}: ${found}`,
      )
    })
  })
}

test('scalers as joblib dumps them: plain, zlib, gzip, with names, in a dict', () => {
  agrees(scalerFromPickle(bytes('standard.joblib')), 'standard')
  assert.deepEqual(scalerFromPickle(bytes('standard.joblib')).names, FEATURES)
  agrees(scalerFromPickle(bytes('standard.pkl')), 'standard')
  agrees(scalerFromPickle(bytes('robust-zlib.joblib')), 'robust')
  agrees(scalerFromPickle(bytes('minmax-gzip.joblib')), 'minmax')
  const choose = (key?: string) =>
    scalerFromPickle(bytes('scalers.pkl'), { key, features: FEATURES })
  agrees(choose('candles'), 'robust')
  agrees(choose('context'), 'standard')
  assert.throws(() => choose(), /holds scalers "candles", "context"; choose one with --scaler/)
  assert.throws(() => choose('other'), /holds scalers "candles", "context"/)
  const each = { key: undefined, features: ['f0', 'f1', 'f2'] }
  agrees(scalerFromPickle(bytes('each.joblib'), each), 'standard')
  assert.throws(
    () => scalerFromPickle(bytes('standard.pkl'), { key: 'x', features: [] }),
    /holds one scaler/,
  )
})

test('hostile, truncated and unreadable dumps are named, and nothing runs', () => {
  assert.throws(
    () => scalerFromPickle(bytes('evil.joblib')),
    /"posix.system" at byte \d+ is not on the allow-list/,
  )
  assert.equal(existsSync('pwned'), false)
  assert.throws(
    () => scalerFromPickle(bytes('standard-xz.joblib')),
    /compressed with xz; dump it again/,
  )
  const packed = bytes('robust-zlib.joblib')
  assert.throws(
    () => scalerFromPickle(packed.subarray(0, 300)),
    /broken compression, perhaps truncated after byte 300/,
  )
  const whole = bytes('standard.joblib')
  for (let size = 0; size < whole.length; size += 3)
    assert.throws(
      () => scalerFromPickle(whole.subarray(0, size)),
      /truncated|not a pickle|expected/,
      `${size} bytes`,
    )
  // Inside the numbers of an array, where no opcode stands.
  assert.throws(
    () => scalerFromPickle(whole.subarray(0, 0x1a8)),
    /ends at byte 424, inside a value that starts at \d+/,
  )
})

const flags = (root: string, more: Partial<ImportFlags>): ImportFlags => ({
  out: join(root, 'moon', '1'),
  features: FEATURES,
  scalers: at('standard.joblib'),
  scaler: undefined,
  kind: 'moon',
  set: undefined,
  head: undefined,
  input: undefined,
  output: undefined,
  column: 1,
  ...more,
})

for (const name of ['logistic', 'forest'] as const) {
  test(`skl2onnx: a ${name} with its scaler says on raw features what sklearn says`, async t => {
    const root = folder(t)
    await importModel(at(`${name}.onnx`), flags(root, {}))
    const { model } = readBundle(join(root, 'moon', '1'))
    const session = await openSession(model)
    const data = Float32Array.from(EXPECTED.rows.flat())
    const said = (
      await session.run([{ name: 'features', data, shape: [3] }], EXPECTED.rows.length)
    ).get(HEAD)
    await session.release()
    EXPECTED.p[name].forEach((p, i) => {
      assert.ok(Math.abs(said![i]! - p) < 1e-5, `row ${i}: ${said![i]} is not ${p}`)
    })
  })
}

test('what an import cannot use is said: ZipMap, another order of features', async t => {
  const root = folder(t)
  await assert.rejects(
    importModel(at('zipmap.onnx'), flags(root, {})),
    /ZipMap|does not run|not one number/,
  )
  const turned = ['priceChange3', 'priceChange1', 'volumeSpike']
  await assert.rejects(importModel(at('logistic.onnx'), flags(root, { features: turned })), {
    code: 3,
    message: /fitted on the features in the order priceChange1,priceChange3,volumeSpike/,
  })
  writeFileSync(join(root, 'half.joblib'), bytes('standard.joblib').subarray(0, 500))
  await assert.rejects(
    importModel(at('logistic.onnx'), flags(root, { scalers: join(root, 'half.joblib') })),
    /half.joblib: .*truncated/,
  )
  assert.equal(existsSync(join(root, 'moon')), false)
})
