import { Failure } from '../../base/errors.ts'
import { type Board, DO, makeBoard } from './board.ts'
import type { Crew } from './crew.ts'
import type { GrowRules } from './grow.ts'
import { makeShard } from './shard.ts'

/** The threads that grow an ensemble, this one among them. */
export interface Team {
  board: Board
  /** Every thread does what the board's command says; returns when all have. */
  step(): void
  /** Lets the others go. */
  end(): void
}

/** How often a thread looks before it sleeps: the next command is mostly microseconds away. */
const LOOKS = 5000

/** Bins the board and makes a team of this thread and those of the crew. */
export function makeTeam(
  table: Parameters<typeof makeBoard>[0],
  rules: GrowRules,
  crew: Crew | undefined,
): Team {
  // A thread without features would only cost.
  const threads = Math.min(1 + (crew?.size ?? 0), table.columns.length)
  const board = makeBoard(table, threads)
  for (let rank = 1; rank < threads; rank++) crew?.send(rank, { type: 'boost', board, rank, rules })
  const act = makeShard(board, 0, rules)
  const step = (): void => {
    Atomics.store(board.signal, 1, 0)
    Atomics.add(board.signal, 0, 1)
    Atomics.notify(board.signal, 0)
    act()
    for (;;) {
      const done = Atomics.load(board.signal, 1)
      if (Atomics.load(board.signal, 2) === 1) throw new Failure('a training thread failed')
      if (done === threads - 1) return
      waitWhile(board.signal, 1, done)
    }
  }
  board.command[0] = DO.bin
  step()
  return {
    board,
    step,
    end() {
      board.command[0] = DO.end
      Atomics.add(board.signal, 0, 1)
      Atomics.notify(board.signal, 0)
    },
  }
}

/** The work of another thread, until the team ends. Blocks it. */
export function serveTeam(board: Board, rank: number, rules: GrowRules): void {
  const act = makeShard(board, rank, rules)
  try {
    for (let seen = 0; ; seen++) {
      waitWhile(board.signal, 0, seen)
      if (board.command[0] === DO.end) return
      act()
      Atomics.add(board.signal, 1, 1)
      Atomics.notify(board.signal, 1)
    }
  } catch (error) {
    Atomics.store(board.signal, 2, 1)
    Atomics.notify(board.signal, 1)
    throw error
  }
}

/** Returns when the number at a position is no longer the given one. */
function waitWhile(signal: Int32Array, at: number, value: number): void {
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(signal, at) !== value) return
  while (Atomics.load(signal, at) === value) Atomics.wait(signal, at, value, 100)
}
