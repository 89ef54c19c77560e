import { mergeSorted } from '../../stream/merge.ts'
import { type Bar, compareBars } from './price-row.ts'

/** Thrown when bars that were read as ordered are not: the caller sorts them on disk instead. */
export class Unordered extends Error {
  override readonly name = 'Unordered'
}

/** Bars of one time held in memory; more than any market has instruments. */
const MAX_TIES = 50_000

/**
 * Merges files that are each in time order, holding a batch of each and the bars of one time.
 * Throws Unordered as soon as a file's time runs backwards.
 */
export function mergeOrdered(files: readonly AsyncIterable<Bar[]>[]): AsyncGenerator<Bar[]> {
  const checked = files.map(refuseBackwards)
  return sortTies(mergeSorted(checked, (a, b) => a.openAt - b.openAt))
}

async function* refuseBackwards(batches: AsyncIterable<Bar[]>): AsyncGenerator<Bar[]> {
  let last = Number.NEGATIVE_INFINITY
  for await (const bars of batches) {
    for (const { openAt } of bars) {
      if (openAt < last) throw new Unordered()
      last = openAt
    }
    yield bars
  }
}

/** Bars of the same time in an order of their own, whichever file they came from. */
async function* sortTies(batches: AsyncIterable<Bar[]>): AsyncGenerator<Bar[]> {
  let ties: Bar[] = []
  for await (const bars of batches) {
    const out: Bar[] = []
    for (const bar of bars) {
      if (ties.length > 0 && bar.openAt !== ties[0]!.openAt) {
        for (const tie of ties.sort(compareBars)) out.push(tie)
        ties = []
      }
      if (ties.push(bar) > MAX_TIES) throw new Unordered()
    }
    if (out.length > 0) yield out
  }
  if (ties.length > 0) yield ties.sort(compareBars)
}
