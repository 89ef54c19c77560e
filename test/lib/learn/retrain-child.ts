import { runRetrain } from '../../../lib/learn/run-retrain.ts'

/**
 * Retrains until its training has begun, then waits to be killed. Options as JSON in the first
 * argument.
 */
const options = JSON.parse(process.argv[2]!)
const silent = { info() {}, warn() {}, error() {} }
await runRetrain(
  { ...options, now: Date.now, stderr: () => {}, matured: async () => [], log: silent },
  {
    async write(text) {
      process.stdout.write(text)
      if (text.includes('"started"')) await new Promise(resolve => setTimeout(resolve, 60_000))
    },
  },
)
