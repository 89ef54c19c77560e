import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { HEAD, marketOf, ROWS_FILE, simulateRows, textOf, WEEKS } from './six-months-market.ts'

/** Writes the rows of the six months: a few minutes of simulation. */
const lines = [HEAD]
for (let week = 0; week < WEEKS; week++) {
  for (const row of simulateRows(marketOf(week))) lines.push(textOf(row))
  process.stderr.write(`week ${week}: ${lines.length - 1} rows\n`)
}
writeFileSync(ROWS_FILE, gzipSync(`${lines.join('\n')}\n`, { level: 9 }))
