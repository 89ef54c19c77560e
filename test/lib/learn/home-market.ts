import { fileURLToPath } from 'node:url'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { retrainFlags } from '../../../lib/learn/recipe/retrain-flags.ts'
import { databaseMatured } from '../../../lib/learn/rows/matured.ts'
import { type RecipeOptions, runRecipes } from '../../../lib/learn/run-recipes.ts'
import { inputOf } from '../../../lib/model/set-input.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { POOL_NAMES } from '../model/fixture.ts'
import type { MarketRow } from './market.ts'

export const MINUTE = 60_000
/** A label of n10 is known after ten snapshots. */
export const LATER = 50 * MINUTE
const { hash } = inputOf('pool', POOL_NAMES)

/** Appends what collect.sh and label.sh leave of some tokens: a line each, and what came of it. */
export async function journalRows(home: string, rows: readonly MarketRow[]): Promise<void> {
  const lines = rows.map(({ ts, mint, x }) =>
    makeLine({
      v: 1,
      id: `market:${mint}`,
      ts,
      kind: 'market',
      mint,
      source: 'test',
      features: {
        pool: {
          hash,
          ready: true,
          snapshots: 12,
          values: Object.fromEntries(POOL_NAMES.map((name, k) => [name, x[k]!])),
        },
      },
    } as unknown as Rec),
  )
  const labels = rows.map(({ ts, mint, y }) =>
    makeLine({
      v: 1,
      id: `market:${mint}`,
      ts,
      kind: 'market',
      mint,
      source: 'test',
      label: { horizon: 'n10', willMoon: y === 1, censored: false, availableAt: ts + LATER },
    } as unknown as Rec),
  )
  for (const [name, all] of [
    ['snapshots', lines],
    ['snapshots-labels', labels],
  ] as const) {
    const journal = makeJournal({ home, name, fsync: 0, minFree: 0, recall: 0 })
    await journal.batch?.([...all], () => undefined)
    await journal.close?.()
  }
}

export interface Look {
  /** Rows that were told: their state, action or verdict, with why. */
  told: string[]
  warned: string[]
  alerts: string[]
  lines: Record<string, unknown>[]
}

/** One look at models as `sluice retrain`, or `--guard`, takes it from cron. */
export async function lookAt(
  home: string,
  at: number,
  names: readonly string[],
  more: Partial<RecipeOptions> = {},
): Promise<Look> {
  const look: Look = { told: [], warned: [], alerts: [], lines: [] }
  const { ifDue: _, now: __, guard: ___, at: ____, ...flags } = defaultsOf(retrainFlags)
  const log = { info() {}, warn: (text: string) => void look.warned.push(text), error: log_ }
  function log_(text: string): void {
    look.warned.push(text)
  }
  await runRecipes(
    names,
    {
      ...flags,
      home,
      at,
      isManual: false,
      isGuard: false,
      alertCommand: undefined,
      stderr: text => void look.alerts.push(text),
      now: () => at,
      matured: databaseMatured(home, false),
      log,
      env: {},
      signal: new AbortController().signal,
      ...more,
    },
    { write: async text => void look.lines.push(JSON.parse(text)) },
  )
  look.told = look.lines.map(line =>
    [line.state ?? line.action ?? line.verdict, line.reason].filter(Boolean).join(': '),
  )
  return look
}

/** Folder of the models of the program, with their recipes. */
export const SHIPPED = fileURLToPath(new URL('../../../models', import.meta.url))
