import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeSorted } from '../../../lib/stream/merge.ts'

type Item = { key: number; from: number; no: number }

async function* batches<T>(items: T[], size: number): AsyncGenerator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

async function collect<T>(source: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of source) all.push(...batch)
  return all
}

test('merging equals a stable sort of everything, whatever the batch size', async () => {
  const inputs = fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 }), {
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(inputs, fc.integer({ min: 1, max: 7 }), async (lists, size) => {
      const items = lists.map((keys, from): Item[] =>
        [...keys].sort((a, b) => a - b).map((key, no) => ({ key, from, no })),
      )
      const merged = await collect(
        mergeSorted(
          items.map(list => batches(list, size)),
          (a, b) => a.key - b.key,
        ),
      )
      // Array.prototype.sort is stable: equal keys stay in the order of inputs.
      assert.deepEqual(
        merged,
        items.flat().sort((a, b) => a.key - b.key),
      )
    }),
    { numRuns: 200 },
  )
})

test('what was merged before an input fails comes first, and every input is closed', async () => {
  const closed: string[] = []
  async function* failing(): AsyncGenerator<number[]> {
    try {
      yield [1, 3]
      throw new Error('torn')
    } finally {
      closed.push('failing')
    }
  }
  async function* endless(): AsyncGenerator<number[]> {
    try {
      for (let i = 0; ; i += 2) yield [i, i + 1]
    } finally {
      closed.push('endless')
    }
  }
  const seen: number[] = []
  const run = async (): Promise<void> => {
    for await (const batch of mergeSorted([failing(), endless()], (a, b) => a - b))
      seen.push(...batch)
  }
  await assert.rejects(run(), /torn/)
  assert.deepEqual(seen, [0, 1, 1, 2, 3])
  assert.deepEqual(closed.sort(), ['endless', 'failing'])
})
