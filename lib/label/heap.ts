/** What comes out of the heap next: earliest first, then by id, then in the order of horizons. */
export interface Due {
  availableAt: number
  id: string
  rank: number
}

interface Heap<T extends Due> {
  push(item: T): void
  /** The first item, if it is available before this time. */
  popBefore(time: number): T | undefined
  /** Drops all others; gives how many. */
  keep(isWanted: (item: T) => boolean): number
  size(): number
  items(): readonly T[]
}

const isBefore = (a: Due, b: Due): boolean =>
  a.availableAt !== b.availableAt
    ? a.availableAt < b.availableAt
    : a.id !== b.id
      ? a.id < b.id
      : a.rank < b.rank

/** Binary heap. */
export function makeHeap<T extends Due>(): Heap<T> {
  const items: T[] = []
  const swap = (i: number, j: number): void => {
    const item = items[i]!
    items[i] = items[j]!
    items[j] = item
  }
  const first = (i: number, j: number): number =>
    j < items.length && isBefore(items[j]!, items[i]!) ? j : i
  const push = (item: T): void => {
    items.push(item)
    for (let i = items.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1
      if (first(parent, i) === parent) break
      swap(i, parent)
      i = parent
    }
  }
  return {
    push,
    keep(isWanted) {
      const all = items.splice(0)
      for (const item of all) if (isWanted(item)) push(item)
      return all.length - items.length
    },
    popBefore(time) {
      const top = items[0]
      if (top === undefined || top.availableAt >= time) return undefined
      const last = items.pop()!
      if (items.length > 0) items[0] = last
      for (let i = 0; ; ) {
        const next = first(first(i, 2 * i + 1), 2 * i + 2)
        if (next === i) break
        swap(i, next)
        i = next
      }
      return top
    },
    size: () => items.length,
    items: () => items,
  }
}
