import { makeRng } from '../base/rng.ts'
import type { ChaosFlags } from './chaos-flags.ts'
import type { Line } from './line.ts'
import type { Step } from './step.ts'

interface ChaosOptions extends Omit<ChaosFlags, 'record'> {
  count(what: string): void
  /** Told of each line that is lost, cut or changed, as it came, before anything leaves. */
  lost?(what: 'drop' | 'truncate' | 'garble', line: Line): void
}

/**
 * Damages a stream as networks and crashes do: lines lost, doubled, swapped with the next, held
 * back for a while, cut short, or with a byte changed. What happens to a line depends on the seed
 * and its number only.
 */
export function makeChaos(options: ChaosOptions): Step {
  const rng = makeRng(options.seed)
  const held: { line: Line; left: number }[] = []
  const happens = (what: 'drop' | 'dup' | 'reorder' | 'delay' | 'truncate' | 'garble'): boolean => {
    const hit = rng.next() < options[what]
    if (hit) options.count(what)
    return hit
  }
  const { lost = () => {} } = options
  const damage = (line: Line): Line => {
    const isCut = happens('truncate')
    if (isCut) lost('truncate', line)
    const raw = line.raw.slice(0, isCut ? 1 + rng.below(line.raw.length - 1) : line.raw.length)
    if (!happens('garble')) return { ...line, raw }
    lost('garble', line)
    const at = rng.below(raw.length)
    return {
      ...line,
      raw: `${raw.slice(0, at)}${String.fromCharCode(33 + rng.below(94))}${raw.slice(at + 1)}`,
    }
  }
  const release = (emit: (line: Line) => void): void => {
    for (const item of held) item.left--
    while (held[0] !== undefined && held[0].left < 0) emit(held.shift()!.line)
  }
  return {
    lag: 100,
    line(line, emit) {
      if (happens('drop')) return lost('drop', line)
      const copies = happens('dup') ? 2 : 1
      const wait = happens('delay') ? 2 + rng.below(98) : happens('reorder') ? 1 : 0
      for (let i = 0; i < copies; i++) {
        const damaged = damage(line)
        if (wait > 0) held.push({ line: damaged, left: wait })
        else emit(damaged)
      }
      held.sort((a, b) => a.left - b.left)
      release(emit)
    },
    end(emit) {
      for (const item of held) emit(item.line)
    },
  }
}
