/**
 * Seconds that the longest test files take on two cores. They start first, so that no long one runs
 * alone at the end; every other file counts as one second.
 */
export const LONGEST: Readonly<Record<string, number>> = {
  'test/live/days.test.ts': 90,
  'test/contract.test.ts': 125,
  'test/demo.test.ts': 70,
  'test/lib/learn/six-months.test.ts': 68,
  'test/flows.test.ts': 60,
  'test/cases.test.ts': 60,
  'test/home.test.ts': 55,
  'test/pages.test.ts': 55,
  'test/live/random-runs.test.ts': 50,
  'test/pipelines.test.ts': 47,
  'test/live/guard.test.ts': 42,
  'test/live/crash-matrix.test.ts': 40,
  'test/lib/store/moved-home.test.ts': 38,
  'test/build.test.ts': 30,
  'test/soak.test.ts': 30,
  'test/lib/store/sync.test.ts': 28,
  'test/lib/stream/one-wrong-time.test.ts': 28,
  'test/live/start.test.ts': 27,
  'test/acceptance.test.ts': 25,
  'test/contributing.test.ts': 25,
  'test/lib/store/query.test.ts': 25,
  'test/lib/cli/secrets.test.ts': 24,
  'test/lib/cli/plugins.test.ts': 24,
  'test/lib/sources/sim/study.test.ts': 23,
  'test/live/kill.test.ts': 22,
  'test/live/trade.test.ts': 22,
  'test/lib/sources/sim/sim-state.test.ts': 22,
  'test/lib/store/crash-sync.test.ts': 20,
  'test/cmd/predict.test.ts': 20,
  'test/package.test.ts': 20,
  'test/cmd/odd-files.test.ts': 20,
  'test/interop.test.ts': 18,
  'test/lib/model/own-features.test.ts': 18,
  'test/lib/train/networks/run-train-network.test.ts': 17,
  'test/soak-line.test.ts': 16,
  'test/live/gallery.test.ts': 16,
  'test/live/one-transaction.test.ts': 10,
  'test/lib/stream/places.test.ts': 15,
  'test/lib/verify/plugin-laws.test.ts': 15,
  'test/train-network.test.ts': 14,
  'test/lib/learn/kinds.test.ts': 13,
  'test/lib/backtest/same-bytes.test.ts': 13,
  'test/lib/monitor/drift-chance.test.ts': 13,
  'test/lib/dev/new.test.ts': 13,
  'test/process.test.ts': 12,
  'test/docs.test.ts': 12,
  'test/upgrade.test.ts': 10,
  'test/cmd/discover.test.ts': 8,
  'test/cmd/train.test.ts': 8,
  'test/lib/sources/live/crash.test.ts': 8,
  'test/lib/store/crash-journal.test.ts': 7,
  'test/svm/token-checks.test.ts': 7,
  'test/svm/doctor-live.test.ts': 7,
  'test/lib/store/crash-handover.test.ts': 6,
  'test/lib/learn/learn.test.ts': 6,
}

/** Seconds that a test file is expected to take. */
export const secondsOf = (file: string): number => LONGEST[file] ?? 1

/** The files, longest first; of equal length as they came. */
export const inOrder = (files: readonly string[]): string[] =>
  [...files].sort((a, b) => secondsOf(b) - secondsOf(a))
