import { join } from 'node:path'
import { isCurrentHash } from '../../lib/model/bundle.ts'
import { readBundle } from '../../lib/model/files.ts'
import { makeScoring } from '../../lib/model/serve/scoring.ts'
import { openWorkerPool } from '../../lib/model/serve/workers/worker-pool.ts'
import { openSession } from '../../lib/onnx/session.ts'
import { benchLines } from './serve-models.ts'

/** Shortest measurement of one cell. */
const LEAST_MS = 400
const SIZES = [1, 8, 64, 300]

/**
 * Rows per second of a model by batch size, from parsed lines to predictions, without the cache;
 * and the time of a batch.
 */
export async function rowsPerSecond(
  root: string,
  name: string,
  workers: number,
): Promise<string[]> {
  const { bundle, model } = readBundle(join(root, name, '1'))
  const { minBatch } = bundle.model
  const options = {
    workers,
    timeoutMs: undefined,
    isRequired: true,
    ended: () => {},
    gaveUp: () => {},
  }
  const pool = workers === 0 ? undefined : openWorkerPool(options)
  const session = await (pool === undefined
    ? openSession(model, minBatch)
    : pool.open(model, minBatch))
  const observe = { ran: () => {}, cached: () => {} }
  const scorer = { bundle, session, part: 'prediction' } as const
  const scoring = makeScoring(scorer, {
    isCurrent: isCurrentHash,
    maxBatch: 64,
    cacheRows: 0,
    observe,
  })
  const lines = benchLines(name, 300)
  const cells: string[] = []
  try {
    await scoring.score(lines) // The first run of a session plans its memory.
    for (const size of SIZES) {
      const batch = lines.slice(0, size)
      const times: number[] = []
      for (let spent = 0; spent < LEAST_MS || times.length < 5; ) {
        const from = performance.now()
        await scoring.score(batch)
        times.push(performance.now() - from)
        spent += times.at(-1)!
      }
      const median = times.sort((a, b) => a - b)[times.length >> 1]!
      cells.push(
        `${Math.round((1000 * size) / median).toLocaleString('en')} (${median.toPrecision(2)} ms)`,
      )
    }
  } finally {
    await scoring.release()
    pool?.close()
  }
  return cells
}

/** The table over models, in process and in two workers. */
export async function rowsTable(root: string): Promise<string> {
  const rows: string[] = []
  for (const name of ['logistic', 'gbdt', 'forest', 'net']) {
    for (const workers of [0, 2]) {
      const where = workers === 0 ? 'in process' : `${workers} workers`
      rows.push(
        `| ${name} | ${where} | ${(await rowsPerSecond(root, name, workers)).join(' | ')} |`,
      )
    }
  }
  const head = SIZES.map(size => `${size} waiting`).join(' | ')
  return `| model | where | ${head} |\n|---|---|${'---|'.repeat(SIZES.length)}\n${rows.join('\n')}`
}
