/** How a child ended. */
export interface End {
  code: number | null
  signal: string | null
}
type Verdict = 'done' | 'stop' | 'restart'

/** 126 and 127 are a shell’s words for a command that cannot be run: waiting does not help. */
const STOP = new Set([1, 2, 3, 5, 126, 127])

/**
 * What to do after an exit, from the exit codes of every command: 0 is done; 2, 3, 5 (and 1, 126,
 * 127) need a person; 4, 70, a signal and anything unknown are worth another try. A shell reports a
 * stage killed by signal n as 128 + n.
 */
export function verdictOf({ code }: End): Verdict {
  if (code === 0) return 'done'
  return code !== null && STOP.has(code) ? 'stop' : 'restart'
}

/** `exit 4`, `SIGKILL`, `exit 137 (SIGKILL of a stage)`. */
export function describeEnd({ code, signal }: End): string {
  if (signal !== null) return signal
  return code !== null && code > 128 && code < 160
    ? `exit ${code} (a stage got signal ${code - 128})`
    : `exit ${code}`
}

/**
 * Waiting time before each restart in milliseconds: doubles from `minMs` to `maxMs`, and starts
 * anew after a run of at least `healthyMs`.
 */
export function makeBackoff(
  minMs: number,
  maxMs: number,
  healthyMs: number,
): (ranMs: number) => number {
  let next = minMs
  return ranMs => {
    if (ranMs >= healthyMs) next = minMs
    const wait = next
    next = Math.min(next * 2, maxMs)
    return wait
  }
}
