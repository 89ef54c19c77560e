/**
 * Merges sorted inputs into one sorted output (k-way merge over a binary heap of heads): one batch
 * of each input is in memory. Of equal items the one of the earlier input comes first. What was
 * merged before an input fails is handed over before the error. `compare` is negative when its
 * first argument comes first.
 */
export async function* mergeSorted<T>(
  inputs: readonly AsyncIterable<T[]>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T[]> {
  if (inputs.length === 1) return yield* inputs[0]!
  const cursors = inputs.map((input, rank) => makeCursor(input, rank))
  let out: T[] = []
  try {
    const heap = makeHeap<Cursor<T>>((a, b) => compare(a.head(), b.head()) || a.rank - b.rank)
    for (const cursor of cursors) if (await cursor.load()) heap.push(cursor)
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      out.push(first.head())
      if (first.step()) heap.sink()
      else {
        if (await first.load()) heap.sink()
        else heap.drop()
        yield out
        out = []
      }
    }
  } catch (error) {
    if (out.length > 0) yield out
    throw error
  } finally {
    for (const cursor of cursors) await cursor.close()
  }
}

interface Cursor<T> {
  rank: number
  head(): T
  /** Moves on inside the batch; false at its end. */
  step(): boolean
  /** Fetches the next batch that holds something; false at the end of input. */
  load(): Promise<boolean>
  close(): Promise<void>
}

function makeCursor<T>(input: AsyncIterable<T[]>, rank: number): Cursor<T> {
  const batches = input[Symbol.asyncIterator]()
  let batch: T[] = []
  let at = 0
  return {
    rank,
    head: () => batch[at] as T,
    step: () => ++at < batch.length,
    async load() {
      at = 0
      do {
        const next = await batches.next()
        if (next.done) return false
        batch = next.value
      } while (batch.length === 0)
      return true
    },
    close: async () => void (await batches.return?.()),
  }
}

function makeHeap<T>(compare: (a: T, b: T) => number) {
  const items: T[] = []
  const isBefore = (i: number, j: number): boolean => compare(items[i] as T, items[j] as T) < 0
  const swap = (i: number, j: number): void => {
    const kept = items[i] as T
    items[i] = items[j] as T
    items[j] = kept
  }
  const sink = (): void => {
    for (let i = 0; ; ) {
      const left = 2 * i + 1
      const right = left + 1
      if (left >= items.length) return
      const least = right < items.length && isBefore(right, left) ? right : left
      if (!isBefore(least, i)) return
      swap(i, least)
      i = least
    }
  }
  return {
    first: (): T | undefined => items[0],
    push(item: T): void {
      items.push(item)
      for (let i = items.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!isBefore(i, parent)) return
        swap(i, parent)
        i = parent
      }
    },
    /** Puts the first item where it belongs after its key has grown. */
    sink,
    drop(): void {
      const last = items.pop() as T
      if (items.length === 0) return
      items[0] = last
      sink()
    },
  }
}
