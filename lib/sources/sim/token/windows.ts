/** Rolling activity of a pool over 5 minutes, 1 hour and 24 hours. */
const SPANS = { m5: 300_000, h1: 3_600_000, h24: 86_400_000 }
type Span = keyof typeof SPANS
const NAMES = Object.keys(SPANS) as Span[]

interface Trade {
  at: number
  /**
   * Ten-thousandths of a dollar: whole numbers, so that sums of a window are exact after any number
   * of steps.
   */
  value: number
  isBuy: boolean
  price: number
}

const empty = (before: number) => ({ head: 0, value: 0, buys: 0, sells: 0, before })

function count(window: ReturnType<typeof empty>, trade: Trade, by: 1 | -1): void {
  window.value += by * trade.value
  if (trade.isBuy) window.buys += by
  else window.sells += by
}

/** A window is (now − span, now]; a price change needs a pool older than its span. */
export function makeWindows(openAt: number, firstPrice: number) {
  let trades: Trade[] = []
  const windows = { m5: empty(firstPrice), h1: empty(firstPrice), h24: empty(firstPrice) }
  let price = firstPrice

  function expire(now: number): void {
    for (const name of NAMES) {
      const window = windows[name]
      for (
        let trade = trades[window.head];
        trade && trade.at <= now - SPANS[name];
        trade = trades[window.head]
      ) {
        count(window, trade, -1)
        window.before = trade.price
        window.head++
      }
    }
    if (windows.h24.head > 1000) forget(windows.h24.head)
  }

  function forget(head: number): void {
    trades = trades.slice(head)
    for (const name of NAMES) windows[name].head -= head
  }

  return {
    add(trade: Trade): void {
      trades.push(trade)
      for (const name of NAMES) count(windows[name], trade, 1)
      price = trade.price
    },
    /** Fields of the market part at a time that is not before the last one. */
    view(now: number) {
      expire(now)
      const { m5, h1, h24 } = windows
      const priceChange: Partial<Record<Span, number>> = {}
      for (const name of NAMES)
        if (now - openAt >= SPANS[name])
          priceChange[name] = round6(price / windows[name].before - 1)
      return {
        volumeUsd: { m5: m5.value / 1e4, h1: h1.value / 1e4, h24: h24.value / 1e4 },
        buys: { m5: m5.buys, h1: h1.buys, h24: h24.buys },
        sells: { m5: m5.sells, h1: h1.sells, h24: h24.sells },
        priceChange,
      }
    },
  }
}

const round6 = (x: number): number => Math.round(x * 1e6) / 1e6 + 0
