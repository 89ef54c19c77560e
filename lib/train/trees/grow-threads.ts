import { Failure } from '../../base/errors.ts'
import type { GrowRules } from './grow.ts'
import { DO, type GrowMemory, makeGrowMemory } from './grow-memory.ts'
import type { Helpers } from './helper-threads.ts'
import { makeShard } from './shard.ts'

/** The threads that grow an ensemble, this one among them. */
export interface GrowThreads {
  memory: GrowMemory
  /** Every thread does what the command in memory says; returns when all have. */
  step(): void
  /** Lets the others go. */
  end(): void
}

/** How often a thread looks before it sleeps: the next command is mostly microseconds away. */
const LOOKS = 5000

/** Lays a table out in memory for this thread and the helpers, and cuts it into bins. */
export function makeGrowThreads(
  table: Parameters<typeof makeGrowMemory>[0],
  rules: GrowRules,
  helpers: Helpers | undefined,
): GrowThreads {
  // A thread without features would only cost.
  const threads = Math.min(1 + (helpers?.size ?? 0), table.columns.length)
  const memory = makeGrowMemory(table, threads)
  for (let rank = 1; rank < threads; rank++)
    helpers?.send(rank, { type: 'boost', memory, rank, rules })
  const act = makeShard(memory, 0, rules)
  const step = (): void => {
    Atomics.store(memory.signal, 1, 0)
    Atomics.add(memory.signal, 0, 1)
    Atomics.notify(memory.signal, 0)
    act()
    for (;;) {
      const done = Atomics.load(memory.signal, 1)
      if (Atomics.load(memory.signal, 2) === 1) throw new Failure('a training thread failed')
      if (done === threads - 1) return
      waitWhile(memory.signal, 1, done)
    }
  }
  memory.command[0] = DO.bin
  step()
  return {
    memory,
    step,
    end() {
      memory.command[0] = DO.end
      Atomics.add(memory.signal, 0, 1)
      Atomics.notify(memory.signal, 0)
    },
  }
}

/** The work of another thread until `end` is called. Blocks it. */
export function serveGrowing(memory: GrowMemory, rank: number, rules: GrowRules): void {
  const act = makeShard(memory, rank, rules)
  try {
    for (let seen = 0; ; seen++) {
      waitWhile(memory.signal, 0, seen)
      if (memory.command[0] === DO.end) return
      act()
      Atomics.add(memory.signal, 1, 1)
      Atomics.notify(memory.signal, 1)
    }
  } catch (error) {
    Atomics.store(memory.signal, 2, 1)
    Atomics.notify(memory.signal, 1)
    throw error
  }
}

/** Returns when the number at a position is no longer the given one. */
function waitWhile(signal: Int32Array, at: number, value: number): void {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(signal, at) !== value) return
  while (Atomics.load(signal, at) === value) Atomics.wait(signal, at, value, 100)
}
