/**
 * SolRPDS (CC BY 4.0; Alhaidari, Kalal, Palanisamy, Sural, CODASPY 2025) → tabular rows {id, mint,
 * pool, ...(Number.isNaN(ts) ? {} : { ts }), values, label}.
 *
 *     node --import tsx bench/data/solrpds.ts [2022.csv.gz] > solrpds.ndjson
 *
 * One row per pool and mint; label.rug = Inactive (no swap after the last removal of liquidity).
 * Mints that are money or staked money (wSOL, USDC, USDT, …) are left out: their pools may be rugs,
 * they are not. Absolute times are left out: a model that sees them learns the year, not the rug.
 * So is the time of the last swap, which the label is made of. What remains of the times is how
 * long the pool was active. Liquidity is in tokens, not dollars.
 */
import { main, readRows } from './stream.ts'

const MONEY = new Set([
  'So11111111111111111111111111111111111111112', // wSOL
  'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v', // USDC
  'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', // USDT
  'USDH1SM1ojwWUga67PGrgFWUHibbjqMvuMaDkRJTgkX', // USDH
  'mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So', // mSOL
  '7dHbWXmci3dT8UFYWYZweBLXgycu7Y3iL6trKn1Y7ARj', // stSOL
])

const VALUES = {
  addedLiquidity: 'TOTAL_ADDED_LIQUIDITY',
  removedLiquidity: 'TOTAL_REMOVED_LIQUIDITY',
  liquidityAdds: 'NUM_LIQUIDITY_ADDS',
  liquidityRemoves: 'NUM_LIQUIDITY_REMOVES',
  addToRemoveRatio: 'ADD_TO_REMOVE_RATIO',
} as const

type Row = (column: string) => string

export async function* convert(
  path: string,
  note: (text: string) => void,
): AsyncGenerator<unknown> {
  const counts = { rows: 0, rugs: 0, money: 0, blank: 0 }
  for await (const row of readRows(path)) {
    const status = row('INACTIVITY_STATUS')
    if (status !== 'Active' && status !== 'Inactive') counts.blank++
    else if (MONEY.has(row('MINT'))) counts.money++
    else {
      counts.rows++
      if (status === 'Inactive') counts.rugs++
      yield rowOf(row, status === 'Inactive')
    }
  }
  note(
    `${counts.rows} rows, ${counts.rugs} rugs; left out: ${counts.money} of money, ` +
      `${counts.blank} blank`,
  )
}

function rowOf(row: Row, rug: boolean) {
  const values: Record<string, number> = {}
  for (const [name, column] of Object.entries(VALUES)) {
    if (row(column) !== '') values[name] = Number(row(column))
  }
  const hours =
    (timeOf(row, 'LAST_POOL_ACTIVITY_TIMESTAMP') - timeOf(row, 'FIRST_POOL_ACTIVITY_TIMESTAMP')) /
    3_600_000
  if (!Number.isNaN(hours)) values.poolLifeHours = hours
  const [mint, pool] = [row('MINT'), row('LIQUIDITY_POOL_ADDRESS')]
  // Birth of the pool, for the split by time; no feature. By its last activity the latest pools
  // would all be active ones.
  const ts = timeOf(row, 'FIRST_POOL_ACTIVITY_TIMESTAMP')
  return {
    id: `solrpds:${pool}:${mint}`,
    mint,
    pool,
    ...(Number.isNaN(ts) ? {} : { ts }),
    values,
    label: { rug },
  }
}

const timeOf = (row: Row, column: string): number => Date.parse(`${row(column).replace(' ', 'T')}Z`)

await main(import.meta.url, 'solrpds/2022.csv.gz', convert)
