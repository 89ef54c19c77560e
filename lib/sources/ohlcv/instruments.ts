import type { Bar } from './price-row.ts'
import type { Instrument } from './symbol.ts'

export type Names = ReturnType<typeof makeNames>

/** Instruments as small numbers, so that a table of bars holds numbers only. */
export function makeNames() {
  const indexes = new Map<string, number>()
  const list: Instrument[] = []
  return {
    indexOf({ mint, currency }: Bar): number {
      let index = indexes.get(mint)
      if (index === undefined) {
        index = list.length
        indexes.set(mint, index)
        list.push({ mint, currency })
      }
      return index
    },
    at: (index: number): Instrument => list[index]!,
    /** Every index and its mint, in the order of mints. */
    ranked: (): { index: number; mint: string }[] =>
      list.map(({ mint }, index) => ({ index, mint })).sort((a, b) => (a.mint < b.mint ? -1 : 1)),
  }
}
