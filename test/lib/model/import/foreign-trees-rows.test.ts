import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { readForest } from '../../../../lib/model/foreign-trees/foreign-file.ts'
import { forestGraph } from '../../../../lib/model/foreign-trees/forest-graph.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { catboostSays, lightgbmSays, type Says, xgboostSays } from './slow-trees.ts'

/** Rows of six columns as bench/peers/tree-models.py draws them; the fifth holds categories. */
const [ROWS, WIDTH, CATEGORY] = [10_000, 6, 4]

/**
 * Seeded rows: a tenth unknown, of the rest a third at a threshold of the file and the float32 on
 * either side of it, zeros that may count as unknown, categories that the training never saw.
 */
function rowsAt(numbers: readonly number[], seen: readonly number[], mayMiss: boolean) {
  const rng = makeRng('rows of trees')
  const bits = new Int32Array(1)
  const beside = (x: number, step: number): number => {
    new Float32Array(bits.buffer)[0] = x
    bits[0] = bits[0]! + (x === 0 ? 0 : step)
    return new Float32Array(bits.buffer)[0]!
  }
  const spread = [1, 10, 1e4, 0.01, 1, 1]
  return Float32Array.from({ length: ROWS * WIDTH }, (_, at) => {
    const draw = rng.next()
    const column = at % WIDTH
    if (column === CATEGORY) {
      if (draw < 0.1) return mayMiss ? Number.NaN : -1
      return draw < 0.9 ? seen[Math.floor(rng.next() * seen.length)]! : 40
    }
    if (draw < 0.1) return Number.NaN
    if (draw < 0.4)
      return beside(
        numbers[Math.floor(rng.next() * numbers.length)]!,
        Math.floor(rng.next() * 3) - 1,
      )
    if (draw < 0.5) return draw < 0.45 ? 0 : -1e-36
    return rng.normal() * spread[column]!
  })
}

const SEEN = Array.from({ length: 12 }, (_, k) => k)

/** Numbers behind a key of the file, which are its thresholds. */
function numbersIn(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].flatMap(found => found[1]!.split(/[\s,]+/).map(Number))
}

const FILES: readonly [file: string, makeSays: (text: string) => Says, thresholds: RegExp][] = [
  ['lgb-binary.txt', lightgbmSays, /^threshold=(.+)$/gm],
  ['lgb-zero.txt', lightgbmSays, /^threshold=(.+)$/gm],
  ['lgb-nomiss.txt', lightgbmSays, /^threshold=(.+)$/gm],
  ['xgb-multi.json', xgboostSays, /"split_conditions":\[([^\]]+)\]/g],
  ['xgb-dart.json', xgboostSays, /"split_conditions":\[([^\]]+)\]/g],
  ['cat-categories.json', catboostSays, /"border":\s*(-?[\d.e-]+)/g],
  ['cat-onehot.json', catboostSays, /"border":\s*(-?[\d.e-]+)/g],
]

for (const [name, makeSays, thresholds] of FILES)
  test(`${name} as a graph says of ${ROWS} rows what its file says`, async () => {
    const bytes = readFileSync(new URL(`trees/${name}`, import.meta.url))
    const numbers = numbersIn(bytes.toString(), thresholds).filter(Number.isFinite)
    assert.ok(numbers.length > 10)
    const rows = rowsAt(numbers, SEEN, !name.startsWith('cat'))
    const session = await openSession(forestGraph(readForest(bytes, name)!))
    const y = (await session.run([{ name: 'x', data: rows, shape: [WIDTH] }], ROWS)).get('y')!
    await session.release()
    const says = makeSays(bytes.toString())
    const columns = y.length / ROWS
    const found = new Set<number>()
    for (let row = 0; row < ROWS; row++) {
      const said = says(rows.subarray(row * WIDTH, (row + 1) * WIDTH))
      assert.equal(said.length, columns)
      for (const [k, value] of said.entries()) {
        const ours = y[row * columns + k]!
        found.add(ours)
        assert.ok(
          Math.abs(ours - value) <= 1e-6 * Math.max(1, Math.abs(value)),
          `row ${row}: ${ours} is not ${value}`,
        )
      }
    }
    assert.ok(found.size > 100, 'rows reach many leaves')
  })
