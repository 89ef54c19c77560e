/**
 * The only place that reads the wall clock. Pure steps never import it: their time is the `ts` of
 * the lines.
 */
export const wallClock = {
  /** Milliseconds since 1970 UTC. */
  now: (): number => Date.now(),
  /** Monotonic milliseconds, for measuring durations. */
  monotonic: (): number => performance.now(),
}
