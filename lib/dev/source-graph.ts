import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Texts of all sources and cases by their path from the root of the product, sorted. */
export type Sources = ReadonlyMap<string, string>

/** Reads every source and every case. */
export function readSources(): Sources {
  const found = ['cmd', 'lib', 'test', 'bench'].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
  )
  const texts = found.filter(path => /\.(ts|case)$/.test(path)).sort()
  return new Map(texts.map(path => [path, readFileSync(path, 'utf8')]))
}

/** The sources that each source names, from `graphOf`. */
export type Graph = ReadonlyMap<string, readonly string[]>

/**
 * Which sources each source names: those that it imports, and those that it starts as a thread or
 * process of their own. Types alone do not count: at run time they are not there.
 */
export function graphOf(sources: Sources): Graph {
  return new Map([...sources].map(([path, text]) => [path, namedIn(path, text, sources)]))
}

function namedIn(path: string, text: string, sources: Sources): string[] {
  if (!path.endsWith('.ts')) return []
  const values = text.replace(/^(import|export) type [^'"]*from '[^']*'/gm, '')
  const named = [...values.matchAll(/['"`]([\w./${}-]+\.ts)['"`]/g)].flatMap(([, name = '']) => {
    const beside = join(dirname(path), name)
    if (name.includes('${')) return matching(beside, sources)
    return [beside, name].filter(found => sources.has(found))
  })
  return [...new Set(named)]
}

/** `import(`../indicators/${name}.ts`)` may load any file of the folder. */
function matching(pattern: string, sources: Sources): string[] {
  const parts = pattern
    .split(/\$\{[^}]*\}/)
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const isOne = new RegExp(`^${parts.join('[^/]*')}$`)
  return [...sources.keys()].filter(path => isOne.test(path))
}

/** All sources that lie behind one, itself included, with the number of imports in between. */
export function behind(from: string, graph: Graph, without = ''): Map<string, number> {
  const steps = new Map([[from, 0]])
  for (const [path, taken] of steps)
    if (path !== without)
      for (const next of graph.get(path) ?? []) if (!steps.has(next)) steps.set(next, taken + 1)
  return steps
}
