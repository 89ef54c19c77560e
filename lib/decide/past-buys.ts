import { tidy } from '../market/ratio.ts'

/** A buy that gate has decided on. Prices in SOL; absent = not known at that time. */
export interface PastBuy {
  ts: number
  price: number | undefined
  /** Price when gate said to sell. */
  sold: { price: number | undefined } | undefined
}

const MAX_KEPT = 20

/** Adds a buy; of very many the newest stay. */
export function noteBuy(buys: PastBuy[], ts: number, price: number | undefined): void {
  buys.push({ ts, price, sold: undefined })
  if (buys.length > MAX_KEPT) buys.shift()
}

/** Closes what is open at a price. */
export function noteSell(buys: readonly PastBuy[], price: number | undefined): void {
  for (const buy of buys) buy.sold ??= { price }
}

/**
 * Return of each buy since `from`, before costs: at the price of its sell, else at the price now.
 * Undefined where one of the two prices is not known.
 */
export const returnsSince = (
  buys: readonly PastBuy[],
  from: number,
  priceNow: number | undefined,
): (number | undefined)[] =>
  buys
    .filter(({ ts }) => ts >= from)
    .map(({ price, sold }) => {
      const end = sold === undefined ? priceNow : sold.price
      return price === undefined || end === undefined || !(price > 0)
        ? undefined
        : tidy(end / price - 1)
    })
