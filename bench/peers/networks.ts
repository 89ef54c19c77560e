import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Run } from '../../lib/train/networks/fit/fit-network.ts'
import { trainStep } from '../../lib/train/networks/fit/fit-step.ts'
import type { Network } from '../../lib/train/networks/net/network.ts'
import { NETWORKS, openRun } from '../kit/networks.ts'

/**
 * Ten training steps (forward, backward, clipping, AdamW, batch 64) of each network here and in
 * PyTorch, from the same weights on the same rows: ms per step, ratio, and the largest difference
 * of the loss.
 *   bench/peers/setup.sh torch && node --import tsx bench/peers/networks.ts [threads] [network]
 */
const [threads, only] = [Number(process.argv[2] ?? 2), process.argv[3]]
const STEPS = 10
const round = (x: number): number => Number(x.toFixed(2))
const python = new URL('venv/bin/python', import.meta.url).pathname
if (!existsSync(python)) throw new Error(`${python} is not there; run bench/peers/setup.sh torch`)
const options = { threads, dropout: 0, warmup: 0, learningRate: 1e-3, epochs: 1e6 }
console.log(
  JSON.stringify({
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    load: loadavg()[0],
    node: process.version,
  }),
)
for (const [name, network] of Object.entries(NETWORKS)) {
  if (only !== undefined && only !== name) continue
  const dir = mkdtempSync(join(tmpdir(), 'sluice-peers-'))
  try {
    const own = await ours(network, dir)
    const argv = [new URL('networks.py', import.meta.url).pathname, dir, String(threads)]
    const done = spawnSync(python, argv, { encoding: 'utf8', timeout: 110_000 })
    if (done.status !== 0) throw new Error(`${name}: ${done.stderr.trim().split('\n').at(-1)}`)
    const peer = JSON.parse(done.stdout) as {
      version: string
      ms: number
      losses: number[]
      blas: string[]
    }
    const apart = Math.max(...own.losses.map((loss, k) => Math.abs(loss - peer.losses[k]!)))
    const result = {
      network: name,
      threads,
      ms: round(own.ms),
      peer: `torch ${peer.version}`,
      peerMs: round(peer.ms),
    }
    console.log(
      JSON.stringify({
        ...result,
        ratio: round(own.ms / peer.ms),
        largestLossDifference: apart,
        blas: peer.blas,
        first: own.losses[0],
        last: own.losses.at(-1),
      }),
    )
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function ours(network: Network, dir: string): Promise<{ ms: number; losses: number[] }> {
  const { run, state, rows } = await openRun(network, options)
  const put = (file: string, data: Float32Array): void =>
    writeFileSync(
      join(dir, `${file}.f32`),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    )
  const { inputs, y } = run.data
  put('P', state.P)
  put('y', y)
  put('weight', new Float32Array(y.length).fill(1 / rows.length))
  for (const [name, values] of Object.entries(inputs)) put(name, values)
  writeFileSync(join(dir, 'network.json'), JSON.stringify(specOf(run)))
  const [times, losses]: [number[], number[]] = [[], []]
  for (let k = 0; k < STEPS; k++) {
    const from = performance.now()
    losses.push((await trainStep(run, state, rows))!)
    state.step++
    times.push(performance.now() - from)
  }
  await run.session.release()
  return { ms: times.sort((a, b) => a - b)[times.length >> 1]!, losses }
}

function specOf({ network, options }: Run): Record<string, unknown> {
  return {
    parameters: network.parameters.map(({ name, shape }) => [name, shape]),
    inputs: network.inputs.map(input => [input.name, [options.batch, ...input.shape]]),
    labels: [options.batch, network.heads.length],
    kinds: network.heads.map(({ kind }) => kind),
    heads: 4,
    steps: STEPS,
    learningRate: options.learningRate,
    weightDecay: options.weightDecay,
  }
}
