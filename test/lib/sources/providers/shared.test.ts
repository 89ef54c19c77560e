import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseJson } from '../../../../lib/sources/net/json.ts'
import type { Complaints } from '../../../../lib/sources/net/outside.ts'
import * as birdeye from '../../../../lib/sources/providers/birdeye.ts'
import { readPairs, readProfiles } from '../../../../lib/sources/providers/dexscreener.ts'
import { readHistory, readPools } from '../../../../lib/sources/providers/geckoterminal.ts'
import { pricesCall, readTokens } from '../../../../lib/sources/providers/jupiter.ts'
import { readQuote } from '../../../../lib/sources/providers/jupiter-quote.ts'
import { readPumpPortal } from '../../../../lib/sources/providers/pumpportal.ts'
import { readRaydium } from '../../../../lib/sources/providers/raydium.ts'
import { readReport } from '../../../../lib/sources/providers/rugcheck.ts'
import { sharedFile } from '../../../kit/shared.ts'

const AT = 1_790_000_000_000
const WSOL = 'So11111111111111111111111111111111111111112'
const hour = { mint: 'x', pool: 'y', intervalMs: 3_600_000, before: AT, most: 10 }
const day = { mint: WSOL, pool: 'y', intervalMs: 900_000, before: AT, most: 10 }

type Read = (body: any, at: number, complain: Complaints) => unknown[]
/** Body, reader, number of findings; the API’s own bodies must pass without a complaint. */
const ROWS: [string, Read, number][] = [
  ['dexscreener_latest_dex_pairs_2024-07', readPairs, 2],
  ['dexscreener_latest_dex_pairs_2026-09', readPairs, 3],
  ['dexscreener_token_boosts_latest_v1_1item', readProfiles, 1],
  ['geckoterminal_new_pools_2025-01', readPools, 1],
  ['geckoterminal_pools_multi_2026-09', readPools, 1],
  ['geckoterminal_ohlcv_hour_rows_real', readHistory(hour), 8],
  ['jupiter_tokens_v2_recent_2records', readTokens, 2],
  ['jupiter_tokens_v2_flagged_suspicious_1record', readTokens, 1],
  ['jupiter_tokens_v2_toporganic_1record', readTokens, 1],
  ['jupiter_price_v3', (body, at, c) => [...pricesCall(Object.keys(body)).read(body, at, c)], 2],
  ['jupiter_swap_v1_quote', (body, _, c) => [readQuote(body, c)].filter(Boolean), 1],
  ['jupiter_error_no_route', (body, _, c) => [readQuote(body, c)].filter(Boolean), 0],
  ['rugcheck_report_full', (body, at, c) => readReport(body.mint, body, at, c), 1],
  ['rugcheck_report_summary', (body, at, c) => readReport(WSOL, body, at, c), 1],
  ['raydium_v3_pools_info_list_clmm_2026', readRaydium, 1],
  ['birdeye_defi_ohlcv', birdeye.readBirdeyeHistory(day), 2],
  ['birdeye_defi_v3_ohlcv', birdeye.readBirdeyeHistory(day), 2],
  ['birdeye_defi_token_overview', birdeye.readOverview, 1],
  ['birdeye_defi_token_security', (body, at, c) => birdeye.readSecurity(WSOL, body, at, c), 1],
  ['birdeye_defi_v2_tokens_new_listing', birdeye.readListing, 2],
  ['birdeye_defi_v3_token_market_data', birdeye.readMarketData({}), 1],
  [
    'birdeye_defi_v3_token_holder',
    birdeye.readHolders(WSOL, undefined, { wholeTokens: 607_187_823 }),
    1,
  ],
  [
    'pumpportal_ws_messages',
    (body, at, c) => readPumpPortal(body.create_pump_no_metadata_yet, at, c),
    1,
  ],
  ['pumpportal_ws_messages', (body, at, c) => readPumpPortal(body.create_bonk, at, c), 1],
  ['pumpportal_ws_messages', (body, at, c) => readPumpPortal(body.migrate, at, c), 1],
  ['pumpportal_ws_messages', (body, at, c) => readPumpPortal(body.trade_buy, at, c), 1],
  [
    'pumpportal_ws_messages',
    (body, at, c) => body.acks.flatMap((ack: unknown) => readPumpPortal(ack, at, c)),
    0,
  ],
]

for (const [name, read, findings] of ROWS) {
  const { path, skip } = sharedFile(`api/${name}.json`)
  test(`${name} is read in full`, { skip }, () => {
    const complaints: string[] = []
    const complain: Complaints = {
      dropped: field => complaints.push(`dropped ${field}`),
      rejected: reason => complaints.push(reason),
    }
    const found = read(parseJson(readFileSync(path)), AT, complain)
    assert.deepEqual([found.length, complaints], [findings, []])
  })
}
