import type { StepLine } from './run-network.ts'

const WIDTH = 24

/** `[####····] 40 % loss 0.312 · 180 rows/s · 2 min left`; rate and time once something is known of them. */
export function progressText({ step, steps, loss }: StepLine, batch: number, elapsedMs: number, first: number): string {
  const share = Math.min(1, step / steps)
  const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '·')
  const perMs = elapsedMs > 0 ? (step - first) / elapsedMs : 0
  const rate =
    perMs > 0 ? ` · ${Math.round(perMs * 1000 * batch)} rows/s · ${leftText((steps - step) / perMs)} left` : ''
  return `[${bar}] ${Math.round(100 * share)} % loss ${loss.toPrecision(4)}${rate}`
}

function leftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** A bar on a terminal that is redrawn in place; nothing where stderr is not a terminal. */
export function makeProgress(batch: number, now: () => number): { show(done: StepLine): void; clear(): void } {
  const { stderr } = process
  if (stderr.isTTY !== true) return { show: () => {}, clear: () => {} }
  let began: { at: number; step: number } | undefined
  return {
    show(done) {
      began ??= { at: now(), step: done.step }
      stderr.write(`\r\u001b[K${progressText(done, batch, now() - began.at, began.step)}`)
    },
    clear: () => void stderr.write('\r\u001b[K'),
  }
}
