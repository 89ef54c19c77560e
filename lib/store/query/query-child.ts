import { toldOf } from '../../base/errors.ts'
import { makeSink } from '../../stream/sink.ts'
import { query } from './query.ts'
import type { QueryOrder, QueryReport } from './run-query.ts'

/**
 * Entry of the process that a query runs in: rows go to stdout as NDJSON, how it ended to the
 * parent. It lives as long as its parent’s channel and leaves signals to the parent.
 */
const LOOK_MS = 100

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// An ordinary exit would wait for what the engine computes, which nothing may be able to stop.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (order: QueryOrder) => void obey(order))

const tell = (report: QueryReport): void => void process.send?.(report)

async function obey({ options, mostResident }: QueryOrder): Promise<void> {
  // The engine’s own limit leaves out what single values take.
  const look = setInterval(() => {
    if (process.memoryUsage.rss() > mostResident) tell({ type: 'large' })
  }, LOOK_MS)
  const sink = makeSink(process.stdout)
  try {
    const remark = (text: string): void => tell({ type: 'remark', text })
    for await (const rows of query({ ...options, remark })) {
      if (rows.length > 0) await sink.write(`${rows.map(row => JSON.stringify(row)).join('\n')}\n`)
    }
    tell({ type: 'done' })
  } catch (error) {
    tell({ type: 'failed', error: toldOf(error) })
  } finally {
    clearInterval(look)
  }
}
