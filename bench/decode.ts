import { readLogs } from '../lib/sources/decode/logs.ts'
import { data, inFrame, PROGRAMS, pumpTrade, swapBuy } from '../test/lib/sources/decode/fixtures.ts'

/**
 * Log lines a second through the decoders: transactions as they come, every fourth with a trade.
 */
const OTHER = 'ComputeBudget111111111111111111111111111111'
const quiet = [...inFrame(OTHER), ...inFrame(OTHER, 'Program log: Instruction: Transfer')]
const pump = [
  ...inFrame(OTHER),
  ...inFrame(PROGRAMS['pump.fun'], 'Program log: Instruction: Buy', data(pumpTrade(true))),
]
const swap = [
  ...inFrame(OTHER),
  ...inFrame(PROGRAMS.pumpswap, 'Program log: Instruction: Buy', data(swapBuy(1n))),
]
const mix = [pump, quiet, swap, quiet]

const SECONDS = 2
let lines = 0
let events = 0
const start = performance.now()
while (performance.now() - start < SECONDS * 1000) {
  for (let i = 0; i < 100; i++) {
    for (const transaction of mix) {
      events += readLogs(transaction).events.length
      lines += transaction.length
    }
  }
}
const seconds = (performance.now() - start) / 1000
console.log(
  JSON.stringify({
    figure: 'decode',
    linesPerSecond: Math.round(lines / seconds),
    eventsPerSecond: Math.round(events / seconds),
    bar: 100_000,
  }),
)
