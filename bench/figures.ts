import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces a block of figures in README.md, between `<!-- figures:NAME -->` and the next `<!-- /figures -->`. */
export function writeFigures(name: string, block: string): void {
  const readme = readFileSync('README.md', 'utf8')
  const start = `<!-- figures:${name} -->`
  if (!readme.includes(start)) throw new Error(`README.md has no place ${start}`)
  const from = readme.indexOf(start) + start.length
  const to = readme.indexOf('<!-- /figures -->', from)
  writeFileSync('README.md', `${readme.slice(0, from)}\n${block}${readme.slice(to)}`)
}
