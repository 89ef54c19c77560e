import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { trainStep } from '../lib/train/networks/fit/fit-step.ts'
import { NETWORKS, openRun } from './kit/networks.ts'

/**
 * Milliseconds of one training step (forward, backward, clipping, Adam, batch 64) and seconds of an
 * epoch of 20,000 rows.
 *   node --import tsx bench/train.ts [steps] [threads]
 */
const [steps, threads] = [Number(process.argv[2] ?? 12), Number(process.argv[3] ?? 2)]
/** Not counted: the first steps allocate. */
const WARM = 2

for (const [name, network] of Object.entries(NETWORKS)) {
  const opened = performance.now()
  const { run, state, rows } = await openRun(network, { threads })
  const build = performance.now() - opened
  const times: number[] = []
  const losses: number[] = []
  let busy = process.cpuUsage()
  for (let i = 0; i < steps; i++) {
    if (i === WARM) busy = process.cpuUsage()
    const from = performance.now()
    losses.push((await trainStep(run, state, rows))!)
    state.step++
    if (i >= WARM) times.push(performance.now() - from)
  }
  const { user, system } = process.cpuUsage(busy)
  times.sort((a, b) => a - b)
  const median = times[times.length >> 1]!
  console.log(
    JSON.stringify({
      network: name,
      parameters: run.built.layout.size,
      threads,
      cpu: cpus()[0]?.model,
      msPerStep: Math.round(median * 10) / 10,
      fastest: Math.round(times[0]! * 10) / 10,
      sPerEpoch: Math.round((median * run.perEpoch) / 100) / 10,
      cpuMsPerStep: Math.round((user + system) / 1000 / times.length),
      buildMs: Math.round(build),
      // The same for every number of threads.
      parametersAfter: createHash('sha256')
        .update(new Uint8Array(state.P.buffer))
        .digest('hex')
        .slice(0, 12),
      losses: losses.slice(0, 4).map(x => Number(x.toFixed(5))),
    }),
  )
  await run.session.release()
}
