/**
 * Seconds that the longest test files take on two cores. They start first, so that no long one runs
 * alone at the end; every other file counts as one second.
 */
export const LONGEST: Readonly<Record<string, number>> = {
  'test/contract.test.ts': 70,
  'test/live/random-runs.test.ts': 50,
  'test/pipelines.test.ts': 47,
  'test/lib/learn/six-months.test.ts': 44,
  'test/live/guard.test.ts': 42,
  'test/flows.test.ts': 40,
  'test/demo.test.ts': 40,
  'test/build.test.ts': 30,
  'test/soak.test.ts': 30,
  'test/live/start.test.ts': 27,
  'test/cases.test.ts': 27,
  'test/home.test.ts': 25,
  'test/acceptance.test.ts': 25,
  'test/live/kill.test.ts': 22,
  'test/live/trade.test.ts': 22,
  'test/lib/store/moved-home.test.ts': 20,
  'test/lib/store/crash-sync.test.ts': 20,
  'test/cmd/predict.test.ts': 20,
  'test/package.test.ts': 20,
  'test/soak-line.test.ts': 16,
  'test/train-network.test.ts': 14,
  'test/live/gallery.test.ts': 14,
  'test/live/crash-matrix.test.ts': 13,
  'test/lib/learn/kinds.test.ts': 13,
  'test/process.test.ts': 12,
  'test/interop.test.ts': 12,
  'test/lib/train/networks/run-train-network.test.ts': 12,
  'test/contributing.test.ts': 10,
  'test/upgrade.test.ts': 10,
  'test/lib/sources/sim/sim-state.test.ts': 9,
  'test/lib/sources/sim/study.test.ts': 9,
  'test/pages.test.ts': 9,
  'test/cmd/discover.test.ts': 8,
  'test/cmd/train.test.ts': 8,
  'test/lib/sources/live/crash.test.ts': 8,
  'test/lib/store/crash-journal.test.ts': 7,
  'test/docs.test.ts': 7,
  'test/svm/token-checks.test.ts': 7,
  'test/svm/doctor-live.test.ts': 7,
  'test/lib/backtest/same-bytes.test.ts': 7,
  'test/lib/store/crash-handover.test.ts': 6,
  'test/lib/monitor/drift-chance.test.ts': 6,
  'test/lib/store/sync.test.ts': 6,
  'test/lib/learn/learn.test.ts': 6,
}

/** Seconds that a test file is expected to take. */
export const secondsOf = (file: string): number => LONGEST[file] ?? 1

/** The files, longest first; of equal length as they came. */
export const inOrder = (files: readonly string[]): string[] =>
  [...files].sort((a, b) => secondsOf(b) - secondsOf(a))
