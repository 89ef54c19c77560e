import { posix } from 'node:path'
import ts from 'typescript'
import type { Import } from './imports.ts'
import {
  type Finding,
  house,
  lineAt,
  placeOf,
  type SourceFile,
  scripts,
  walk,
} from './source-tree.ts'

/** What files, functions and lines may measure, and from where on a thing is worth a word. */
export const LIMITS = {
  fileLines: 300,
  functionLines: 60,
  parameters: 5,
  columns: 100,
  folderFiles: 20,
  /** A file below this with one importer belongs to that importer. */
  crumbLines: 30,
  /** Lines that the middle file of the house should have. */
  medianFile: [60, 120],
} as const

/** Files whose lines are a table of data: one row stays one line. */
const DATA = /(^|\/)talib-bars\.ts$/

/** A thing that was measured. */
export interface Size {
  at: string
  lines: number
}

/** Lines of every file of the house. */
export const fileSizes = (tree: readonly SourceFile[]): Size[] =>
  house(tree).map(file => ({ at: file.name, lines: linesOf(file.text) }))

/** Lines of every function of the house from its first word to its brace, closures included. */
export function functionSizes(tree: readonly SourceFile[]): Size[] {
  return functionsOf(house(tree)).map(node => {
    const root = node.getSourceFile()
    return { at: placeOf(node), lines: lineAt(root, node.end) - lineAt(root, node.getStart()) + 1 }
  })
}

/** Things that are longer than the limit. */
export const tooLong = (sizes: readonly Size[], limit: number): Finding[] =>
  sizes
    .filter(size => size.lines > limit)
    .map(({ at, lines }) => ({ at, problem: `has ${lines} lines, the limit is ${limit}` }))

/** Functions that are asked with more values in a row than a reader can tell apart. */
export function manyParameters(tree: readonly SourceFile[]): Finding[] {
  return functionsOf(scripts(tree))
    .filter(node => node.parameters.length > LIMITS.parameters)
    .map(node => ({
      at: placeOf(node),
      problem: `takes ${node.parameters.length} parameters, the limit is ${LIMITS.parameters}`,
    }))
}

/** Lines wider than the limit, counted in characters. */
export function wideLines(tree: readonly SourceFile[]): Finding[] {
  return tree
    .filter(file => !DATA.test(file.name))
    .flatMap(({ name, text }) =>
      text.split('\n').flatMap((line, i) => {
        const columns = [...line].length
        if (columns <= LIMITS.columns) return []
        const problem = `has ${columns} columns, the limit is ${LIMITS.columns}`
        return [{ at: `${name}:${i + 1}`, problem }]
      }),
    )
}

/** Folders with more files in one flat row than a reader takes in; cmd/ and the cases may. */
export function fullFolders(names: readonly string[]): Finding[] {
  const count = new Map<string, number>()
  for (const name of names) {
    const folder = posix.dirname(name)
    count.set(folder, (count.get(folder) ?? 0) + 1)
  }
  return [...count]
    .filter(([folder, files]) => files > LIMITS.folderFiles && !/^(cmd|test\/cases)/.test(folder))
    .map(([at, files]) => ({ at, problem: `holds ${files} files` }))
}

/**
 * Small files that only one other file knows: part of that file, unless the split says more. A file
 * that is loaded when it is needed, or started, is one for that reason; what a command does has no
 * place in its declaration.
 */
export function crumbs(tree: readonly SourceFile[], imports: readonly Import[]): Finding[] {
  return fileSizes(tree)
    .filter(({ at, lines }) => at.startsWith('lib/') && lines < LIMITS.crumbLines)
    .flatMap(({ at, lines }) => {
      const found = imports.filter(each => each.to === at && /^(cmd|lib)\//.test(each.from))
      const [importer = '', ...others] = new Set(found.map(each => each.from))
      const isLazy = found.some(each => each.how === 'lazy')
      if (!importer.startsWith('lib/') || others.length > 0 || isLazy) return []
      return [{ at, problem: `has ${lines} lines and one importer, ${importer}` }]
    })
}

/** The middle one, and the one below which q of all are; 0 of nothing. */
export function quantile(sizes: readonly Size[], q: number): number {
  const sorted = sizes.map(size => size.lines).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}

const linesOf = (text: string): number => text.split('\n').length - 1

type WithBody = ts.FunctionLikeDeclaration & { body: ts.Node }

function functionsOf(files: readonly SourceFile[]): WithBody[] {
  const found: WithBody[] = []
  for (const file of files)
    walk(file.ast(), node => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body) found.push(node as WithBody)
    })
  return found
}
