/** How far training is. `steps` is the most there can be: stopping early ends it sooner. */
interface Progress {
  step: number
  steps: number
  loss?: number | undefined
}

const WIDTH = 24

/**
 * `[####····] 40 % loss 0.312 · 180 rows/s · 2 min left`; rate and time once something is known of
 * them.
 */
export function progressText(
  { step, steps, loss }: Progress,
  batch: number,
  elapsedMs: number,
  first: number,
  unit = 'rows',
): string {
  const share = Math.min(1, step / steps)
  const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '·')
  const perMs = elapsedMs > 0 ? (step - first) / elapsedMs : 0
  const rate =
    perMs > 0
      ? ` · ${Math.round(perMs * 1000 * batch)} ${unit}/s · ` +
        `${leftText((steps - step) / perMs)} left`
      : ''
  return (
    `[${bar}] ${Math.round(100 * share)} ` +
    `%${loss === undefined ? '' : ` loss ${loss.toPrecision(4)}`}${rate}`
  )
}

function leftText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** A bar on a terminal that is redrawn in place; nothing where stderr is not a terminal. */
export function makeProgress(
  batch: number,
  now: () => number,
  unit?: string,
): { show(done: Progress): void; clear(): void } {
  const { stderr } = process
  if (stderr.isTTY !== true) return { show: () => {}, clear: () => {} }
  let began: { at: number; step: number } | undefined
  return {
    show(done) {
      began ??= { at: now(), step: done.step }
      stderr.write(`\r\u001b[K${progressText(done, batch, now() - began.at, began.step, unit)}`)
    },
    clear: () => void stderr.write('\r\u001b[K'),
  }
}
