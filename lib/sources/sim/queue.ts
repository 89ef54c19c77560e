/** Something that happens at a time; at equal times lower `order`, then lower `key` comes first. */
export interface Due {
  at: number
  order: number
  key: number
}

/**
 * Binary min-heap of what is due. The order is total, so that it never depends on the order of
 * insertion.
 */
export function makeQueue<T extends Due>() {
  const heap: T[] = []
  const before = (a: T, b: T): boolean =>
    a.at !== b.at ? a.at < b.at : a.order !== b.order ? a.order < b.order : a.key < b.key

  function push(item: T): void {
    let at = heap.length
    heap.push(item)
    while (at > 0) {
      const up = (at - 1) >> 1
      if (!before(item, heap[up]!)) break
      heap[at] = heap[up]!
      at = up
    }
    heap[at] = item
  }

  function pop(): T | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (heap.length > 0 && last !== undefined) sink(last)
    return first
  }

  function sink(item: T): void {
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= heap.length) break
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++
      if (!before(heap[down]!, item)) break
      heap[at] = heap[down]!
      at = down
    }
    heap[at] = item
  }

  return { push, pop, size: () => heap.length }
}
