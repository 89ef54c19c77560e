import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** The machine that figures were made on. */
export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`

/**
 * Prints figures; with --write they replace the block `figures:name` of bench/README.md. Throws
 * where there is none.
 */
export function showFigures(name: string, block: string): void {
  process.stdout.write(`${block}\n`)
  if (!process.argv.includes('--write')) return
  const readme = readFileSync('bench/README.md', 'utf8')
  const [start, end] = [`<!-- figures:${name} -->`, '<!-- /figures -->']
  const from = readme.indexOf(start)
  if (from < 0) throw new Error(`bench/README.md has no ${start}`)
  const after = readme.slice(from + start.length)
  writeFileSync(
    'bench/README.md',
    `${readme.slice(0, from)}${start}\n${block}${after.slice(after.indexOf(end))}`,
  )
}

/** A Markdown table. */
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
