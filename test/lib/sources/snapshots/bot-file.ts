import { createRequire } from 'node:module'
import type { Database as Wasm } from 'node-sqlite3-wasm'

const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as {
  Database: typeof Wasm
}

export const SOL = 'So11111111111111111111111111111111111111112'
/** As many as the published snapshots of 102 pools of Raydium have. */
export const ROWS = 63_870
export const POOLS = 102
/** Rows at the end that are the first ones again. */
export const REPEATED = 10
export const START = 1_749_600_000_000
export const STEP = 113_000
/** A pause of all pools after so many steps. */
export const PAUSE_AT = 300
export const PAUSE = 10_800_000

/** Runs SQL that writes an SQLite file. */
export function writeSqlite(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(sql)
  database.close()
}

/**
 * The tables that many bots have, pool by pool, with whole tokens and a volume that is the reserve
 * of SOL. Row i is of pool i % 102; its reserves are 1,000,000.25 + 3i and 50 + (37i % 1000) / 8.
 * The base of pool 7 is SOL.
 */
export const botTables = `
  CREATE TABLE status_6_pools (id TEXT PRIMARY KEY, base_mint TEXT, quote_mint TEXT,
    base_decimal INTEGER, quote_decimal INTEGER, status INTEGER);
  CREATE TABLE pool_snapshots (id INTEGER PRIMARY KEY, pool_id TEXT, timestamp INTEGER,
    price REAL, base_reserve REAL, quote_reserve REAL, volume_24h REAL);
  WITH RECURSIVE n(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM n WHERE p < ${POOLS - 1})
  INSERT INTO status_6_pools
    SELECT 'pool' || p, CASE p WHEN 7 THEN '${SOL}' ELSE 'mint' || p END,
      CASE p WHEN 7 THEN 'mint7' ELSE '${SOL}' END,
      CASE p WHEN 7 THEN 9 ELSE 6 END, CASE p WHEN 7 THEN 6 ELSE 9 END, 6 FROM n;
  WITH RECURSIVE n(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM n WHERE j < ${ROWS - 1}),
    r AS (SELECT CASE WHEN j >= ${ROWS - REPEATED} THEN j - ${ROWS - REPEATED} ELSE j END AS i
      FROM n),
    s AS (SELECT i, i % ${POOLS} AS p, i / ${POOLS} AS k, 1000000.25 + 3 * i AS b,
      50 + (37 * i % 1000) / 8.0 AS q FROM r)
  INSERT INTO pool_snapshots (pool_id, timestamp, price, base_reserve, quote_reserve, volume_24h)
    SELECT 'pool' || p,
      ${START} + k * ${STEP} + p * 7 + CASE WHEN k >= ${PAUSE_AT} THEN ${PAUSE} ELSE 0 END,
      q / b, b, q, q FROM s ORDER BY p, i;`

export const JOIN =
  'SELECT s.*, p.base_mint, p.quote_mint, p.base_decimal, p.quote_decimal ' +
  'FROM pool_snapshots s JOIN status_6_pools p ON p.id = s.pool_id ORDER BY s.id'

/** From columns to fields. */
export const MAP = {
  pool_id: 'pool',
  timestamp: 'time',
  price: 'priceSol',
  base_reserve: 'baseReserve',
  quote_reserve: 'quoteReserve',
  volume_24h: 'volumeUsd.h24',
  base_mint: 'mint',
  quote_mint: 'quoteMint',
  base_decimal: 'baseDecimals',
  quote_decimal: 'quoteDecimals',
}
