import { basename, dirname, relative } from 'node:path'
import { behind, type Graph, graphOf, type Sources } from './source-graph.ts'

/** A test file, or a case, and how many imports lie between it and what has changed. */
export interface Reached {
  file: string
  steps: number
}

/** What a test starts as a program is farther from it than what it imports. */
const STARTED = 20

/** Tests of installing are no part of it: they ask the registry, and have a target of their own. */
export const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') && !path.startsWith('test/install/')
/** True of a case file. */
export const isCase = (path: string): boolean => path.endsWith('.case')

/**
 * The tests and cases that changed files reach, nearest first: a test that imports one of them,
 * also through others; a test or case that starts a command which imports one; a test that names
 * one that is not a source. Told too often rather than too rarely: a test counts as starting every
 * command whose name is a word of its text.
 */
export function reachedBy(changed: readonly string[], sources: Sources): Reached[] {
  const graph = graphOf(sources)
  const commands = commandsOf(graph)
  const data = changed.filter(path => !sources.has(path))
  const far = (text: string): number =>
    STARTED +
    least(
      changed,
      namedCommands(text, commands).map(name => commands.get(name)!),
    )
  const steps = (path: string, text: string): number => {
    if (changed.includes(path)) return 0
    if (isCase(path)) return far(/^\$ (.*)$/m.exec(text)?.[1] ?? '')
    if (!isTest(path)) return Infinity
    const own = behind(path, graph)
    const texts = [...own.keys()].filter(file => file.startsWith('test/'))
    const isNamed = data.some(file => texts.some(from => names(from, sources.get(from)!, file)))
    const words = texts.map(file => sources.get(file)!).join('\n')
    const started = /dist\/(bin|main|worker)/.test(words) ? far(words) : Infinity
    return Math.min(least(changed, [own]), isNamed ? 1 : Infinity, started)
  }
  return [...sources]
    .filter(([path]) => isCase(path) || isTest(path))
    .map(([file, text]) => ({ file, steps: steps(file, text) }))
    .filter(reached => reached.steps < Infinity)
    .sort((a, b) => a.steps - b.steps)
}

/** What lies behind each command by its name: its own imports and those that all start with. */
function commandsOf(graph: Graph): Map<string, Map<string, number>> {
  const start = [...behind('cmd/main.ts', graph, 'cmd/registry.ts')]
  const files = [...graph.keys()].filter(path => /^cmd\/(?!main|registry)[\w-]+\.ts$/.test(path))
  return new Map(
    files.map(path => [basename(path, '.ts'), new Map([...start, ...behind(path, graph)])]),
  )
}

function namedCommands(text: string, commands: ReadonlyMap<string, unknown>): string[] {
  const words = new Set(text.match(/[a-z]+(-[a-z]+)*/g))
  return [...commands.keys()].filter(name => words.has(name))
}

function least(changed: readonly string[], reaches: ReadonlyMap<string, number>[]): number {
  return Math.min(
    ...changed.flatMap(path => reaches.map(reach => reach.get(path) ?? Infinity)),
    Infinity,
  )
}

/** Whether a test’s text names a file that is no source: its name or its folder. */
function names(from: string, text: string, file: string): boolean {
  const folders = [dirname(file), relative(dirname(from), dirname(file))]
  return (
    text.includes(basename(file)) ||
    folders.some(folder => /^\w/.test(folder) && text.includes(`${folder}/`))
  )
}
