import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { makeRng } from '../lib/rng.ts'
import { FIT, type Run } from '../lib/train/networks/fit.ts'
import { trainStep } from '../lib/train/networks/fit-step.ts'
import type { Network } from '../lib/train/networks/network.ts'
import { priceNetwork } from '../lib/train/networks/price.ts'
import { SEQUENCE_SIZES, sequenceNetwork } from '../lib/train/networks/sequence.ts'
import { trainGraph } from '../lib/train/networks/train-graph.ts'
import { startWeights } from '../lib/train/networks/weights.ts'
import { openSession } from '../lib/train/ort.ts'

/*
 * Milliseconds of one training step (forward, backward, clipping, Adam, batch 64) and seconds of an epoch of 20,000 rows.
 *   node --import tsx bench/train.ts [steps] [threads]
 */
const [steps, threads] = [Number(process.argv[2] ?? 12), Number(process.argv[3] ?? 2)]
const shape = { steps: 100, table: 50 }
const networks: Record<string, Network> = {
  'sequence full': sequenceNetwork(shape, SEQUENCE_SIZES.full),
  'sequence small': sequenceNetwork(shape, SEQUENCE_SIZES.small),
  'sequence attention': sequenceNetwork(shape, SEQUENCE_SIZES.attention),
  price: priceNetwork([60, 10]),
}

for (const [name, network] of Object.entries(networks)) {
  const options = { ...FIT, threads }
  const built = trainGraph(network, { batch: options.batch, dropout: true })
  const opened = performance.now()
  const session = await openSession(built.model, threads)
  const build = performance.now() - opened
  const rng = makeRng(name)
  const rows = [...Array(options.batch).keys()]
  const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal())
  const inputs = Object.fromEntries(
    network.inputs.map(input => [input.name, draw(rows.length * input.shape.reduce((a, b) => a * b))]),
  )
  const heads = rows.length * network.heads.length
  const y = Float32Array.from({ length: heads }, () => Number(rng.next() < 0.3))
  const data = { inputs, y, weight: new Float32Array(heads).fill(1), train: rows, valid: [] }
  const hooks = { now: () => 0, stopped: () => false, onStep: () => {}, onEpoch: () => {}, save: async () => {} }
  const run: Run = { network, data, options, hooks, built, session, perEpoch: 313 }
  const P = startWeights(built.layout, rng)
  const zero = new Float32Array(P.length)
  const state = {
    key: '',
    step: 0,
    lossSum: 0,
    history: [],
    best: { epoch: 0, loss: Infinity },
    P,
    M: zero,
    V: zero,
    bestP: P,
  }
  const times: number[] = []
  const losses: number[] = []
  let busy = process.cpuUsage()
  for (let i = 0; i < steps; i++) {
    if (i === 2) busy = process.cpuUsage()
    const from = performance.now()
    losses.push((await trainStep(run, state, rows))!)
    state.step++
    if (i >= 2) times.push(performance.now() - from)
  }
  const { user, system } = process.cpuUsage(busy)
  times.sort((a, b) => a - b)
  const median = times[times.length >> 1]!
  console.log(
    JSON.stringify({
      network: name,
      parameters: built.layout.size,
      threads,
      cpu: cpus()[0]?.model,
      msPerStep: Math.round(median * 10) / 10,
      fastest: Math.round(times[0]! * 10) / 10,
      sPerEpoch: Math.round((median * 313) / 100) / 10,
      cpuMsPerStep: Math.round((user + system) / 1000 / times.length),
      buildMs: Math.round(build),
      // The same for every number of threads.
      parametersAfter: createHash('sha256').update(new Uint8Array(state.P.buffer)).digest('hex').slice(0, 12),
      losses: losses.slice(0, 4).map(x => Number(x.toFixed(5))),
    }),
  )
  await session.release()
}
