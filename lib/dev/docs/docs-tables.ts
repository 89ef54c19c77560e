import { openDuck } from '../../store/duck/duck.ts'
import { prepareTables } from '../../store/tables/sync.ts'
import { featuresView, VIEWS } from '../../store/tables/views.ts'

/** What a row of each table and view is. */
const ROWS: Record<string, string> = {
  tokens: 'a sighting of a token',
  markets: 'a state of a pool',
  trades: 'a trade of somebody in the market; ours are in fills',
  candles: 'a closed bar',
  opportunities: 'a closed path of swaps that returned more than it cost when quoted',
  decisions: 'a decision of gate, refusals included',
  orders: 'a state of an order of ours',
  fills: 'what a trade of ours really moved',
  positions: 'a state of a position of ours',
  alerts: 'an alert',
  ml_labels: 'what came of an anchor by one horizon',
  ml_data_quality_metrics: 'a judgement of a column or a line',
  ml_prediction_rows: 'what one model said of one line',
  ml_predictions:
    'the same with what came of it: outcome, what gate did, return of the trade or before costs',
  prediction_fates: 'what came of a line that was predicted on: labels, decision, closed trade',
  accuracy_weekly: 'how often a version was right in a week (from Monday, UTC), one line per token',
  ml_training_jobs: 'a state of a training run',
  ml_model_comparisons: 'a challenger against the model in production, on the same rows',
  ml_drift_reports: 'drift of one feature or prediction',
  promotions: 'a change of an alias',
  offsets: 'how far a day of a journal has been read',
  bulk_files: 'a Parquet file of bulk rows, by the name it has in the folder bulk',
  features: 'one feature set of one line; its values as JSON',
  label_features:
    'which features a label may see: the newest ready ones before it, not over an hour old',
  ml_training_data: 'a label with one of its feature sets, as it was known at the anchor',
  training_lines: 'the same as lines, for train-export',
}

/**
 * Every table and view of the database with what a row is and its columns, as DuckDB describes
 * them. Throws where one has no sentence, or a sentence no table.
 */
export async function tableReference(): Promise<string> {
  const duck = await openDuck(':memory:', { memory: '256MB' })
  try {
    await prepareTables(duck)
    await duck.run(featuresView([]))
    for (const view of VIEWS) await duck.run(view)
    const found = await duck.rows(
      `SELECT table_name AS name, any_value(table_type) AS type,
       string_agg(column_name || ' ' || lower(data_type), ', ' ORDER BY ordinal_position) AS columns
       FROM information_schema.columns JOIN information_schema.tables USING (table_name)
       GROUP BY ALL ORDER BY name`,
    )
    return `| name | a row is | columns |\n|---|---|---|\n${found.map(rowOf).join('\n')}\n\n`
  } finally {
    duck.close()
  }
}

function rowOf({ name, type, columns }: Record<string, unknown>): string {
  const what = ROWS[String(name)]
  if (what === undefined) throw new Error(`lib/dev/docs/docs-tables.ts says nothing of ${name}`)
  const title = `\`${name}\`${type === 'VIEW' ? ' (view)' : ''}`
  return `| ${title} | ${what} | ${String(columns).replaceAll('|', '\\|')} |`
}
