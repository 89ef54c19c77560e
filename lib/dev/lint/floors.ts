import { posix } from 'node:path'
import { circles } from './circles.ts'
import type { Import } from './imports.ts'

/** All imports from the files of one folder to those of another. */
export interface Arrow {
  from: string
  to: string
  imports: Import[]
}

/** The folders of the house by floors, and the arrows that do not lead down. */
interface Floors {
  /** Floor of each folder: the longest way down from it; 0 knows nobody. */
  floorOf: Map<string, number>
  /** Arrows that lead down. */
  down: Arrow[]
  /** Lazy arrows to the list of commands, which whoever runs a whole line must know. */
  registry: Arrow[]
  /** The fewest imports that would have to go for the rest to lead down. */
  upward: Arrow[]
}

const REGISTRY = 'cmd/registry.ts'
const ASKS_REGISTRY = 'lib/backtest'

/** Lays the folders on floors; imports of types count like those of values. */
export function floorsOf(imports: readonly Import[]): Floors {
  const isRegistry = (each: Import): boolean =>
    each.to === REGISTRY && each.how === 'lazy' && posix.dirname(each.from) === ASKS_REGISTRY
  const registry = arrowsOf(imports.filter(isRegistry))
  const upward: Arrow[] = []
  let down = arrowsOf(imports.filter(each => !isRegistry(each)))
  for (;;) {
    const weakest = weakestInCircle(down)
    if (!weakest) return { floorOf: heights(down), down, registry, upward }
    upward.push(weakest)
    down = down.filter(arrow => arrow !== weakest)
  }
}

function arrowsOf(imports: readonly Import[]): Arrow[] {
  const arrows = new Map<string, Arrow>()
  for (const each of imports) {
    const from = posix.dirname(each.from)
    const to = posix.dirname(each.to)
    if (from === to) continue
    const arrow = arrows.get(`${from} ${to}`) ?? { from, to, imports: [] }
    arrow.imports.push(each)
    arrows.set(`${from} ${to}`, arrow)
  }
  return [...arrows.values()]
}

/** Of two folders that know each other, the one that asks less of the other looks upwards. */
function weakestInCircle(arrows: readonly Arrow[]): Arrow | undefined {
  const groups = circles(arrows)
  return arrows
    .filter(({ from, to }) => groups.some(group => group.includes(from) && group.includes(to)))
    .sort((a, b) => a.imports.length - b.imports.length || (a.from < b.from ? -1 : 1))[0]
}

function heights(arrows: readonly Arrow[]): Map<string, number> {
  const floorOf = new Map<string, number>()
  const height = (folder: string): number => {
    const known = floorOf.get(folder)
    if (known !== undefined) return known
    const below = arrows.filter(arrow => arrow.from === folder).map(arrow => height(arrow.to) + 1)
    floorOf.set(folder, Math.max(0, ...below))
    return floorOf.get(folder)!
  }
  for (const { from, to } of arrows) {
    height(from)
    height(to)
  }
  return floorOf
}
