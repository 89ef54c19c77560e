import { quote } from '../duck/sql.ts'

/** Columns of the feature files, so that the view exists before there are any. */
const FEATURE_COLUMNS: Record<string, string> = {
  id: 'VARCHAR',
  ts: 'BIGINT',
  kind: 'VARCHAR',
  mint: 'VARCHAR',
  pool: 'VARCHAR',
  source: 'VARCHAR',
  feature_set: 'VARCHAR',
  hash: 'VARCHAR',
  ready: 'BOOLEAN',
  values: 'JSON',
  context: 'JSON',
  indicators: 'JSON',
  candles: 'JSON',
  window: 'JSON',
  regime: 'VARCHAR',
  journal: 'VARCHAR',
}

/**
 * Rows of the feature files from `raw`: one per line and set. Label lines only carry copies, so
 * they are left out.
 */
export const selectFeatures = (journal: string): string => `
  SELECT id, ts, kind, mint, pool, source, entry.key AS feature_set, entry.value.hash AS hash,
    entry.value.ready AS ready, entry.value."values" AS "values", entry.value.context AS context,
    entry.value.indicators AS indicators, entry.value.candles AS candles,
    entry.value."window" AS "window",
    entry.value.regime AS regime, '${journal}' AS journal
  FROM (SELECT *, unnest(map_entries(features)) AS entry FROM raw
    WHERE features IS NOT NULL AND label IS NULL)
  WHERE id IS NOT NULL AND ts IS NOT NULL ORDER BY seq`

/** Name of the variable that says where the home is, for who attaches the database. */
export const HOME_VARIABLE = 'sluice_home'

/**
 * The folder of the database, as seen from a view in it: a stored path would be wrong once the home
 * has been moved, and a relative one is taken from the current folder of whoever asks. Where the
 * engine spills to is set at opening, to the path of the database and `.tmp`, unless somebody sets
 * it; who attaches the database to another sets the variable.
 */
const HERE =
  `coalesce(getvariable('${HOME_VARIABLE}') || '/', ` +
  "regexp_replace(current_setting('temp_directory'), '[^/]*$', ''))"

/** The view `features` over Parquet files, named from the folder of the database. */
export const featuresView = (files: readonly string[]): string =>
  `CREATE OR REPLACE VIEW features AS ${featuresSelect(files)}`

/** The rows of those files; none where there are none. */
export function featuresSelect(files: readonly string[]): string {
  const columns = Object.entries(FEATURE_COLUMNS).map(([name, sql]) => `NULL::${sql} AS "${name}"`)
  const none = `SELECT ${columns.join(', ')} WHERE false`
  if (files.length === 0) return none
  const paths = files.map(file => `${HERE} || ${quote(`bulk/features/${file}`)}`)
  return `SELECT * FROM read_parquet([${paths.join(', ')}])`
}

/** Features older than this at the anchor describe another moment. */
const STALE_MS = 3_600_000

/** Views that join what has been learned since to what was said then. */
export const VIEWS: readonly string[] = [
  // What became of the line of a prediction: its labels, what gate did, and what was traded on it.
  `CREATE OR REPLACE VIEW prediction_fates AS
   WITH labels AS (
     SELECT id, max(outcome) FILTER (WHERE horizon = 'h1') AS outcome_1h,
       max(outcome) FILTER (WHERE horizon = 'h6') AS outcome_6h,
       max(outcome) FILTER (WHERE horizon = 'h24') AS outcome_24h,
       max("return") FILTER (WHERE horizon = 'h1') AS return_1h,
       max("return") FILTER (WHERE horizon = 'h6') AS return_6h,
       max("return") FILTER (WHERE horizon = 'h24') AS return_24h,
       bool_or(profitable) FILTER (WHERE horizon = 'h1') AS was_profitable,
       bool_or(rug) FILTER (WHERE horizon = 'h24') AS was_rug,
       bool_or(will_moon) FILTER (WHERE horizon = 'n10') AS was_moon,
       bool_or(will_rug) FILTER (WHERE horizon = 'n10') AS was_soon_rug,
       bool_or(success) FILTER (WHERE horizon = 'path') AS was_success,
       max(profit_lamports) FILTER (WHERE horizon = 'path') AS path_profit_lamports
     FROM ml_labels GROUP BY id),
   trades AS (
     SELECT entry ->> '$.decision' AS id, max_by(pnl, ts) AS trade_return,
       max_by(pnl_lamports, ts) AS trade_pnl_lamports, max_by("exit", ts) AS trade_exit,
       max_by(mode, ts) AS trade_mode
     FROM positions WHERE status = 'closed' GROUP BY ALL),
   gates AS (
     SELECT id, any_value(act) AS gate_act, any_value(reasons) AS gate_reasons,
       any_value("unknown") AS gate_unknown
     FROM decisions GROUP BY id)
   SELECT * FROM labels FULL JOIN gates USING (id) FULL JOIN trades USING (id)`,
  // Predictions with what has matured since. A rug model may have learned the rug of ten snapshots
  // or of a day: whichever label is there counts, the sooner first.
  `CREATE OR REPLACE VIEW ml_predictions AS
   SELECT *, CASE WHEN truth IS NOT NULL THEN
       CASE WHEN "class" IS NOT NULL THEN outcome_24h ELSE CAST(truth AS VARCHAR) END END
       AS outcome,
     coalesce(trade_return, return_1h, return_6h, return_24h) AS realised_return,
     CASE WHEN trade_return IS NOT NULL THEN 'trade' WHEN return_1h IS NOT NULL THEN 'h1'
       WHEN return_6h IS NOT NULL THEN 'h6' WHEN return_24h IS NOT NULL THEN 'h24' END
       AS realised_by,
     CASE WHEN trade_return IS NULL THEN coalesce(return_1h, return_6h, return_24h) END
       AS would_have_earned
   FROM (SELECT p.*, coalesce(p."class", CASE WHEN p.error IS NULL AND p.profitable IS NOT NULL
         THEN CASE WHEN p.profitable >= 0.5 THEN 'profitable' ELSE 'unprofitable' END END)
         AS predicted_outcome,
       coalesce(p.confidence, p.profitable, p.success_probability, p.p) AS predicted_confidence,
       coalesce(p.rug_prob, p.rug_risk, CASE WHEN p.model = 'rug' THEN p.p END)
         AS predicted_rug_prob,
       coalesce(p.profitable, p.success_probability, p.p) AS predicted_probability,
       CASE WHEN p."class" IS NOT NULL THEN p."class" = f.outcome_24h
         WHEN p.profitable IS NOT NULL THEN f.was_profitable
         WHEN p.success_probability IS NOT NULL THEN f.was_success
         WHEN p.p IS NULL THEN NULL
         WHEN p.model LIKE 'rug%' THEN coalesce(f.was_soon_rug, f.was_rug)
         ELSE f.was_moon END AS truth,
       f.* EXCLUDE (id)
     FROM ml_prediction_rows p LEFT JOIN prediction_fates f ON f.id = p.id)`,
  // How often each version was right, one line of a token and week: by age of the token and regime.
  `CREATE OR REPLACE VIEW accuracy_weekly AS
   WITH ages AS (SELECT mint, min(created_at) AS created_at FROM tokens
       WHERE created_at IS NOT NULL GROUP BY mint),
     regimes AS (SELECT id, any_value(regime) AS regime FROM features WHERE regime IS NOT NULL
       GROUP BY id),
     judged AS (SELECT p.*, p.ts - a.created_at AS age_ms, r.regime
       FROM ml_predictions p LEFT JOIN ages a ON a.mint = p.mint LEFT JOIN regimes r ON r.id = p.id
       WHERE truth IS NOT NULL
       QUALIFY row_number() OVER (PARTITION BY model, "version", is_shadow,
         date_trunc('week', make_timestamp(p.ts * 1000)), p.mint ORDER BY hash(p.id), p.id) = 1)
   SELECT strftime(date_trunc('week', make_timestamp(ts * 1000)), '%Y-%m-%d') AS week,
     model, "version", is_shadow,
     CASE WHEN age_ms IS NULL THEN 'unknown' WHEN age_ms < 3600000 THEN 'under 1h'
       WHEN age_ms < 86400000 THEN '1h to 1d' WHEN age_ms < 604800000 THEN '1d to 7d'
       ELSE 'over 7d' END AS token_age,
     coalesce(regime, 'unknown') AS regime, count(*) AS tokens,
     avg(CAST(CASE WHEN "class" IS NOT NULL THEN truth
       ELSE (predicted_probability >= 0.5) = truth END AS DOUBLE)) AS accuracy,
     avg(CASE WHEN "class" IS NULL THEN (predicted_probability - CAST(truth AS DOUBLE)) ** 2 END)
       AS brier,
     avg(CASE WHEN "class" IS NULL THEN CAST(truth AS DOUBLE) END) AS base_rate,
     count(*) FILTER (WHERE gate_act = 'buy') AS bought,
     avg(realised_return) FILTER (WHERE gate_act = 'buy') AS bought_return,
     count(*) FILTER (WHERE gate_act = 'drop') AS refused,
     avg(would_have_earned) FILTER (WHERE gate_act = 'drop') AS refused_return
   FROM judged GROUP BY ALL`,
  // Which features a label may see: for each anchor and set the newest ready ones of its mint at
  // that time. Narrow, so that the join fits in memory whatever the features hold.
  `CREATE OR REPLACE VIEW label_features AS
   SELECT l.id, l.feature_set, f.id AS features_id, f.ts AS features_ts, f.journal
   FROM (SELECT * FROM (SELECT DISTINCT id, mint, ts FROM ml_labels),
      (SELECT DISTINCT feature_set FROM features)) l
   ASOF JOIN (SELECT mint, ts, feature_set, id, min(journal) AS journal
      FROM features WHERE ready GROUP BY ALL) f
     ON l.feature_set = f.feature_set AND l.mint = f.mint AND l.ts >= f.ts
   WHERE l.ts - f.ts <= ${STALE_MS}`,
  // Point in time: each label with each of its feature sets.
  `CREATE OR REPLACE VIEW ml_training_data AS
   SELECT l.* EXCLUDE (hash), l.hash AS label_hash, k.features_id, k.features_ts,
   k.feature_set, f.hash, f."values", f.context, f.indicators, f.candles, f."window"
   FROM ml_labels l JOIN label_features k ON l.id = k.id
   JOIN features f ON f.id = k.features_id AND f.feature_set = k.feature_set
   AND f.journal = k.journal`,
  // The same as lines for train-export: query 'from training_lines' | train-export.
  `CREATE OR REPLACE VIEW training_lines AS
   WITH known AS (
     SELECT k.id, json_group_object(k.feature_set, json_object('hash', f.hash,
       'ready', true, 'values', f."values", 'context', f.context, 'indicators', f.indicators,
       'candles', f.candles, 'window',
       f."window")) AS features
     FROM label_features k
     JOIN features f ON f.id = k.features_id AND f.feature_set = k.feature_set
     AND f.journal = k.journal
     GROUP BY k.id)
   SELECT 1 AS v, l.id, l.ts, l.kind, l.mint, l.pool, l.source, known.features,
     json_object('horizon', l.horizon, 'basePriceSol', l.base_price_sol, 'return', l."return",
     'peak', l.peak,
       'trough', l.trough, 'peakAt', l.peak_at, 'troughAt', l.trough_at, 'coverage', l.coverage,
       'profitable', l.profitable, 'maxProfit', l.max_profit, 'rug', l.rug, 'outcome', l.outcome,
       'hash', l.hash, 'quiet', l.quiet,
       'whaleTrades', l.whale_trades, 'futureMaxGain', l.future_max_gain, 'willMoon', l.will_moon,
       'willRug', l.will_rug, 'success', l.success, 'censored', l.censored, 'reason', l.reason,
       'availableAt', l.available_at) AS label
   FROM ml_labels l JOIN known ON known.id = l.id`,
]
