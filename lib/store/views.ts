import { quoteList } from './sql.ts'

/** Columns of the feature files, so that the view exists before there are any. */
const FEATURE_COLUMNS: Record<string, string> = {
  ...{ id: 'VARCHAR', ts: 'BIGINT', kind: 'VARCHAR', mint: 'VARCHAR', pool: 'VARCHAR', source: 'VARCHAR' },
  ...{ feature_set: 'VARCHAR', hash: 'VARCHAR', ready: 'BOOLEAN', values: 'JSON', context: 'JSON' },
  ...{ indicators: 'JSON', candles: 'JSON', window: 'JSON', regime: 'VARCHAR', journal: 'VARCHAR' },
}

/** Rows of the feature files from `raw`: one per line and set. Label lines only carry copies, so they are left out. */
export const selectFeatures = (journal: string): string => `
  SELECT id, ts, kind, mint, pool, source, entry.key AS feature_set, entry.value.hash AS hash,
    entry.value.ready AS ready, entry.value."values" AS "values", entry.value.context AS context,
    entry.value.indicators AS indicators, entry.value.candles AS candles, entry.value."window" AS "window",
    entry.value.regime AS regime, '${journal}' AS journal
  FROM (SELECT *, unnest(map_entries(features)) AS entry FROM raw WHERE features IS NOT NULL AND label IS NULL)
  WHERE id IS NOT NULL AND ts IS NOT NULL ORDER BY seq`

/** The view `features` over the Parquet files of a database. */
export function featuresView(paths: readonly string[]): string {
  const columns = Object.entries(FEATURE_COLUMNS).map(([name, sql]) => `NULL::${sql} AS "${name}"`)
  const none = `SELECT ${columns.join(', ')} WHERE false`
  const body = paths.length === 0 ? none : `SELECT * FROM read_parquet(${quoteList(paths)})`
  return `CREATE OR REPLACE VIEW features AS ${body}`
}

/** Views that join what has been learned since to what was said then. */
export const VIEWS: readonly string[] = [
  // Predictions with the outcome classes that have matured.
  `CREATE OR REPLACE VIEW ml_predictions AS
   SELECT p.*, coalesce(p."class", CASE WHEN p.error IS NULL AND p.profitable IS NOT NULL
       THEN CASE WHEN p.profitable >= 0.5 THEN 'profitable' ELSE 'unprofitable' END END) AS predicted_outcome,
     coalesce(p.confidence, p.profitable, p.success_probability, p.p) AS predicted_confidence,
     coalesce(p.rug_prob, p.rug_risk, CASE WHEN p.model = 'rug' THEN p.p END) AS predicted_rug_prob,
     l.outcome_1h, l.outcome_6h, l.outcome_24h
   FROM ml_prediction_rows p LEFT JOIN (
     SELECT id, max(outcome) FILTER (WHERE horizon = 'h1') AS outcome_1h,
       max(outcome) FILTER (WHERE horizon = 'h6') AS outcome_6h,
       max(outcome) FILTER (WHERE horizon = 'h24') AS outcome_24h
     FROM ml_labels GROUP BY id) l ON l.id = p.id`,
  // Point in time: for each label and feature set the newest ready features of the mint at the time of the anchor.
  `CREATE OR REPLACE VIEW ml_training_data AS
   SELECT l.*, f.id AS features_id, f.ts AS features_ts, f.feature_set, f.hash, f."values", f.context, f.indicators,
     f.candles, f."window"
   FROM (SELECT l.*, s.wanted_set FROM ml_labels l, (SELECT DISTINCT feature_set AS wanted_set FROM features) s) l
   ASOF JOIN (SELECT * FROM features WHERE ready) f
     ON l.wanted_set = f.feature_set AND l.mint = f.mint AND l.ts >= f.ts`,
  // The same as lines for train-export: query 'from training_lines' | train-export.
  `CREATE OR REPLACE VIEW training_lines AS
   SELECT 1 AS v, t.id, any_value(t.ts) AS ts, any_value(t.kind) AS kind, any_value(t.mint) AS mint,
     any_value(t.pool) AS pool, any_value(t.source) AS source,
     json_group_object(t.feature_set, json_object('hash', t.hash, 'ready', true, 'values', t."values",
       'context', t.context, 'indicators', t.indicators, 'candles', t.candles, 'window', t."window")) AS features,
     any_value(json_object('horizon', t.horizon, 'basePriceSol', t.base_price_sol, 'return', t."return",
       'peak', t.peak, 'trough', t.trough, 'coverage', t.coverage, 'profitable', t.profitable,
       'maxProfit', t.max_profit, 'rug', t.rug, 'outcome', t.outcome, 'whaleTrades', t.whale_trades,
       'futureMaxGain', t.future_max_gain, 'willMoon', t.will_moon, 'willRug', t.will_rug, 'success', t.success,
       'censored', t.censored, 'availableAt', t.available_at)) AS label
   FROM ml_training_data t GROUP BY t.id, t.horizon ORDER BY any_value(t.available_at), t.id`,
]
