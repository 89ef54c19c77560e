import { type ChildProcess, spawn } from 'node:child_process'

/** Distribution of times in ms. */
export interface Times {
  count: number
  p50: number
  p99: number
  max: number
}

export function timesOf(all: readonly number[]): Times {
  const sorted = [...all].sort((a, b) => a - b)
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

export const timesText = ({ count, p50, p99, max }: Times, what = 'lines'): string =>
  `${count} ${what}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`

/**
 * A shell pipe under measurement: lines go in at a steady rate, and each is timed until it comes
 * out.
 */
export interface Pipe {
  child: ChildProcess
  /**
   * Writes `count` lines a second for `seconds`, in `burst`s, then waits for the last to come out.
   */
  drive(
    lines: () => string,
    perSecond: number,
    seconds: number,
    during?: (elapsedMs: number) => void,
  ): Promise<void>
  /** From write to arrival of each line, in order, in ms. */
  waits: number[]
  /** What came out, when `keep` was asked for. */
  end(): Promise<void>
}

/**
 * Starts a shell line with dist/bin on PATH. Its output is counted by lines, which must keep their
 * order and number.
 */
export function openPipe(
  line: string,
  home: string,
  onLine: (text: string) => void = () => {},
): Pipe {
  const env = {
    ...process.env,
    PATH: `${process.cwd()}/dist/bin:${process.env.PATH}`,
    SLUICE_HOME: home,
  }
  const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const sent: number[] = []
  const waits: number[] = []
  let tail = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const now = performance.now()
    const texts = (tail + chunk.toString()).split('\n')
    tail = texts.pop() ?? ''
    for (const text of texts) {
      waits.push(now - sent[waits.length]!)
      onLine(text)
    }
  })
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise(resolve => setTimeout(resolve, 1))
  }
  return {
    child,
    waits,
    async drive(lines, perSecond, seconds, during) {
      const startedAt = performance.now()
      const total = Math.round(perSecond * seconds)
      for (let n = 0; n < total; ) {
        const elapsed = performance.now() - startedAt
        const due = Math.min(total, Math.floor((elapsed * perSecond) / 1000) + 1)
        for (; n < due; n++) {
          sent.push(performance.now())
          child.stdin.write(lines())
        }
        during?.(elapsed)
        await new Promise(resolve => setTimeout(resolve, 1))
      }
      await until(() => waits.length >= sent.length)
    },
    async end() {
      child.stdin.end()
      const code = await new Promise(resolve => child.on('close', resolve))
      if (code !== 0) throw new Error(`${line}: exit ${code}`)
    },
  }
}
