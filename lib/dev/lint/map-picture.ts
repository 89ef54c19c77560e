import { posix } from 'node:path'
import { type Arrow, floorsOf } from './floors.ts'
import type { Import } from './imports.ts'

const COLUMNS = 100

/**
 * The picture of the folders as text: highest floor first, under each folder what it takes from
 * below with the number of imports, then the arrows that lead upwards.
 */
export function drawFloors(imports: readonly Import[], files: readonly string[]): string {
  const { floorOf, down, registry, upward } = floorsOf(imports)
  const folders = [...new Set(files.map(file => posix.dirname(file)))].sort()
  const top = Math.max(0, ...floorOf.values())
  const lines: string[] = []
  for (let floor = top; floor >= 0; floor--) {
    lines.push(`floor ${floor}`)
    for (const folder of folders.filter(each => (floorOf.get(each) ?? 0) === floor)) {
      const count = files.filter(file => posix.dirname(file) === folder).length
      lines.push(`  ${folder} (${count} ${count === 1 ? 'file' : 'files'})`)
      lines.push(...wrapped(down.filter(arrow => arrow.from === folder)))
    }
  }
  const up = (arrow: Arrow, why: string): string =>
    `  ↑ ${arrow.from} → ${arrow.to} ${arrow.imports.length} ${why}`
  return [
    ...lines,
    `upward arrows: ${upward.length + registry.length || 'none'}`,
    ...registry.map(arrow => up(arrow, '(the registry, asked for when a line is run: allowed)')),
    ...upward.map(arrow => up(arrow, `(${describe(arrow.imports)})`)),
    `${folders.length} folders, ${top + 1} floors, ${down.length} ` +
      `${down.length === 1 ? 'arrow' : 'arrows'} down, ` +
      `${upward.length + registry.length} up, ${imports.length} imports`,
    '',
  ].join('\n')
}

/** The first three of the imports that make an arrow. */
function describe(imports: readonly Import[]): string {
  const first = imports.slice(0, 3).map(({ from, to }) => `${from} → ${posix.basename(to)}`)
  return [...first, ...(imports.length > 3 ? ['…'] : [])].join(', ')
}

/** The folders that one folder takes from, as many on a line as fit. */
function wrapped(arrows: readonly Arrow[]): string[] {
  const lines: string[] = []
  for (const { to, imports } of [...arrows].sort((a, b) => (a.to < b.to ? -1 : 1))) {
    const item = `${to} ${imports.length}`
    const last = lines.at(-1)
    if (last !== undefined && last.length + item.length + 2 < COLUMNS)
      lines[lines.length - 1] = `${last}, ${item}`
    else lines.push(`      ${last === undefined ? '→' : ' '} ${item}`)
  }
  return lines
}
