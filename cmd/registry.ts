import type { Registry } from '../lib/cli/command.ts'

/**
 * Every command by group, in pipeline order. The only list of commands: bins, help, man pages,
 * completions, reference and tests follow it.
 */
export const GROUPS = {
  line: {
    discover: () => import('./discover.ts'),
    quality: () => import('./quality.ts'),
    features: () => import('./features.ts'),
    strategy: () => import('./strategy.ts'),
    predict: () => import('./predict.ts'),
    exec: () => import('./exec.ts'),
    gate: () => import('./gate.ts'),
    execute: () => import('./execute.ts'),
    sampler: () => import('./sampler.ts'),
    run: () => import('./run.ts'),
  },
  learning: {
    label: () => import('./label.ts'),
    'train-export': () => import('./train-export.ts'),
    train: () => import('./train.ts'),
    evaluate: () => import('./evaluate.ts'),
    models: () => import('./models.ts'),
    retrain: () => import('./retrain.ts'),
    drift: () => import('./drift.ts'),
    backtest: () => import('./backtest.ts'),
    tune: () => import('./tune.ts'),
  },
  store: {
    journal: () => import('./journal.ts'),
    sync: () => import('./sync.ts'),
    query: () => import('./query.ts'),
    ledger: () => import('./ledger.ts'),
    report: () => import('./report.ts'),
    status: () => import('./status.ts'),
    keep: () => import('./keep.ts'),
  },
  tools: {
    chart: () => import('./chart.ts'),
    verify: () => import('./verify.ts'),
    chaos: () => import('./chaos.ts'),
    config: () => import('./config.ts'),
    init: () => import('./init.ts'),
    doctor: () => import('./doctor.ts'),
    schema: () => import('./schema.ts'),
    completions: () => import('./completions.ts'),
    help: () => import('./help.ts'),
    version: () => import('./version.ts'),
  },
} as const satisfies Record<string, Registry>

/** The same commands by name alone. */
export const registry: Registry = Object.assign({}, ...Object.values(GROUPS))

/**
 * Commands that also get a name of their own on PATH; not those that would shadow a system tool.
 */
export const OWN_NAMES = [
  'discover',
  'features',
  'strategy',
  'predict',
  'gate',
  'execute',
  'label',
  'train-export',
  'journal',
] as const
