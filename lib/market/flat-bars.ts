/** A market that is silent for so long gets no more flat bars, but for these so many. */
const QUIET_MS = 3_600_000
const FEWEST = 24

/**
 * Most flat bars that are put in a row where nobody trades, live, in what is fetched of the past
 * and in files: those of an hour, and 24 at least, so that hourly bars bridge a day; then the
 * series pauses until the next trade.
 */
export const mostFlatBars = (intervalMs: number): number =>
  Math.max(FEWEST, Math.ceil(QUIET_MS / intervalMs))
