import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'

/**
 * Prints how much of the processor help and version take, beside node itself: user and system time
 * of each in turn, the shortest of 25, since other work on the machine only makes it longer. Needs
 * dist/.
 */
const LINES = ['node -e 0', 'gate --help', 'sluice discover -h', 'sluice', 'sluice --version']
const RUNS = 25

const round = LINES.map(line => `time ${line} > /dev/null`).join('; ')
const script = `TIMEFORMAT='%U %S'; for i in {1..${RUNS}}; do ${round}; done`
const env = { ...process.env, PATH: `${process.cwd()}/dist/bin:${process.env.PATH}` }
const { stderr } = spawnSync('bash', ['-c', script], { env, encoding: 'utf8' })
const took = stderr
  .trim()
  .split('\n')
  .map(each => each.split(' ').reduce((sum, n) => sum + Number(n), 0))
if (took.length !== RUNS * LINES.length) throw new Error(stderr)
const best = LINES.map((_, at) => Math.min(...took.filter((_, i) => i % LINES.length === at)))
process.stdout.write(`${cpus()[0]?.model}, node ${process.version}\n`)
for (const [i, line] of LINES.entries())
  process.stdout.write(
    `${line.padEnd(20)}${(best[i]! * 1000).toFixed(0).padStart(5)} ms  ` +
      `${(best[i]! / best[0]!).toFixed(2)} of node\n`,
  )
