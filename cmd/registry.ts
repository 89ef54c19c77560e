import type { Registry } from '../lib/cli/cli.ts'

/**
 * Every command, in pipeline order. The only list of commands: bins, help, completions, docs and
 * tests follow it.
 */
export const registry: Registry = {
  discover: () => import('./discover.ts'),
  quality: () => import('./quality.ts'),
  features: () => import('./features.ts'),
  strategy: () => import('./strategy.ts'),
  predict: () => import('./predict.ts'),
  gate: () => import('./gate.ts'),
  execute: () => import('./execute.ts'),
  label: () => import('./label.ts'),
  'train-export': () => import('./train-export.ts'),
  train: () => import('./train.ts'),
  evaluate: () => import('./evaluate.ts'),
  models: () => import('./models.ts'),
  retrain: () => import('./retrain.ts'),
  drift: () => import('./drift.ts'),
  sampler: () => import('./sampler.ts'),
  backtest: () => import('./backtest.ts'),
  tune: () => import('./tune.ts'),
  report: () => import('./report.ts'),
  ledger: () => import('./ledger.ts'),
  chart: () => import('./chart.ts'),
  verify: () => import('./verify.ts'),
  journal: () => import('./journal.ts'),
  sync: () => import('./sync.ts'),
  query: () => import('./query.ts'),
  keep: () => import('./keep.ts'),
  status: () => import('./status.ts'),
  run: () => import('./run.ts'),
  chaos: () => import('./chaos.ts'),
  config: () => import('./config.ts'),
  init: () => import('./init.ts'),
  doctor: () => import('./doctor.ts'),
  schema: () => import('./schema.ts'),
  completions: () => import('./completions.ts'),
}

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
