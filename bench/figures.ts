import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces the block `figures:NAME` of README.md. Throws where there is none. */
export function writeFigures(name: string, block: string): void {
  const readme = readFileSync('README.md', 'utf8')
  const [start, end] = [`<!-- figures:${name} -->`, '<!-- /figures -->']
  const at = readme.indexOf(start)
  if (at < 0) throw new Error(`README.md has no block figures:${name}`)
  const [from, to] = [at + start.length, readme.indexOf(end, at)]
  writeFileSync('README.md', `${readme.slice(0, from)}\n${block}\n${readme.slice(to)}`)
}
