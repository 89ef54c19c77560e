import { circles } from './circles.ts'
import { exportsOf } from './exports.ts'
import { floorsOf } from './floors.ts'
import type { Import } from './imports.ts'
import { type Finding, house, placeOf, type SourceFile } from './source-tree.ts'

/** Files that load each other: what a reader meets first then depends on who was loaded first. */
export function valueCircles(imports: readonly Import[]): Finding[] {
  return circles(imports.filter(each => each.how === 'value')).map(([at, ...rest]) => ({
    at: at!,
    problem: `is in a circle of imports with ${rest.join(', ')}`,
  }))
}

/** Imports from a lower folder of the house into a higher one, and from the house to its tests. */
export function upwardArrows(imports: readonly Import[]): Finding[] {
  const within = imports.filter(each => isHouse(each.from) && isHouse(each.to))
  const upward = floorsOf(within).upward.flatMap(arrow => arrow.imports)
  const outside = imports.filter(each => isHouse(each.from) && !isHouse(each.to))
  return [...upward, ...outside].map(({ from, to }) => ({
    at: from,
    problem: `imports upwards from ${to}`,
  }))
}

/** What a file gives away and nobody takes, neither the house nor its tests and measurements. */
export function unusedExports(tree: readonly SourceFile[], imports: readonly Import[]): Finding[] {
  const taken = new Map<string, Set<string>>()
  for (const { to, names } of imports) {
    const all = taken.get(to) ?? new Set()
    for (const name of names) all.add(name)
    taken.set(to, all)
  }
  return house(tree).flatMap(file => {
    const names = taken.get(file.name)
    if (names?.has('*')) return []
    return exportsOf(file)
      .filter(each => !names?.has(each.name))
      .map(each => ({
        at: placeOf(each.node),
        problem: `exports ${each.name}, which nobody imports`,
      }))
  })
}

const isHouse = (name: string): boolean => /^(cmd|lib)\//.test(name)
