import { wallClock } from '../../base/clock.ts'
import { DataError, Failure, messageOf } from '../../base/errors.ts'
import { loadCheckpoint, saveCheckpoint } from './fit/checkpoint-file.ts'
import type { FitHooks } from './fit/fit-network.ts'
import type { Order, Report } from './run-network.ts'
import type { TrainedModel } from './train-model.ts'
import { trainPrice } from './train-price.ts'
import { trainSequence } from './train-sequence.ts'

/**
 * Entry of the process that trains. It lives as long as its parent’s channel and leaves signals to
 * the parent.
 */
const STEP_EVERY_MS = 200

let stopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// Not process.exit: onnxruntime’s threads are ended by destructors there, which can wait for ever.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (order: Order) => {
  if (order.type === 'stop') stopped = true
  else
    train(order).then(
      model => tell({ type: 'done', model }),
      (error: unknown) => tell(failure(error)),
    )
})

const tell = (report: Report): void => void process.send?.(report)

async function train({
  job,
  checkpoint,
  resume,
}: Order & { type: 'start' }): Promise<TrainedModel | undefined> {
  const from = resume && checkpoint !== undefined ? await loadCheckpoint(checkpoint) : undefined
  const run = { hooks: hooksFor(checkpoint), ...(from === undefined ? {} : { resume: from }) }
  return job.kind === 'sequence'
    ? trainSequence(job.rows, job.options, run)
    : trainPrice(job.rows, job.options, run)
}

function hooksFor(checkpoint: string | undefined): FitHooks {
  let told = Number.NEGATIVE_INFINITY
  return {
    now: wallClock.monotonic,
    stopped: () => stopped,
    onStep(done) {
      const now = wallClock.monotonic()
      if (now - told < STEP_EVERY_MS) return
      told = now
      tell({ type: 'step', done })
    },
    onEpoch: line => tell({ type: 'epoch', line }),
    save: async state => {
      if (checkpoint !== undefined) await saveCheckpoint(checkpoint, state)
    },
  }
}

function failure(error: unknown): Report {
  const code = error instanceof Failure ? error.code : 70
  const field = error instanceof DataError ? error.field : undefined
  const message = error instanceof DataError ? error.message : messageOf(error)
  return { type: 'failed', code, message, ...(field === undefined ? {} : { field }) }
}
