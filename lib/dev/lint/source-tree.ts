import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A file of the project as text, and parsed where it is TypeScript. */
export interface SourceFile {
  /** Path from the root of the project, with forward slashes. */
  name: string
  text: string
  /** The syntax tree, made at the first question. */
  ast(): ts.SourceFile
}

/** What a check found: the place, as file or file:line, and what is wrong with it. */
export interface Finding {
  at: string
  problem: string
}

const READ = /\.(ts|mjs|sh|py)$|(^|\/)Makefile$/

/** Every program text below the named folders and files of the project, in the order of names. */
export function readTree(roots: readonly string[]): SourceFile[] {
  return roots
    .flatMap(filesBelow)
    .sort()
    .map(name => sourceFile(name, readFileSync(name, 'utf8')))
}

/** One file as the checks see it. */
export function sourceFile(name: string, text: string): SourceFile {
  let parsed: ts.SourceFile | undefined
  return {
    name,
    text,
    ast: () => (parsed ??= ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)),
  }
}

/** The files of a tree that are TypeScript. */
export const scripts = (tree: readonly SourceFile[]): SourceFile[] =>
  tree.filter(file => file.name.endsWith('.ts') && !file.name.endsWith('.d.ts'))

/** The files that make up the commands: what lies below cmd/ and lib/. */
export const house = (tree: readonly SourceFile[]): SourceFile[] =>
  scripts(tree).filter(file => /^(cmd|lib)\//.test(file.name))

/** Calls visit for a node and for all nodes below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, child => walk(child, visit))
}

/** The place of a node as file:line. */
export function placeOf(node: ts.Node): string {
  const root = node.getSourceFile()
  return `${root.fileName}:${lineAt(root, node.getStart()) + 1}`
}

/** The line, counted from 0, of a position in a file. */
export const lineAt = (root: ts.SourceFile, position: number): number =>
  root.getLineAndCharacterOfPosition(position).line

/** True where the word export stands before a statement. */
export const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(each => each.kind === ts.SyntaxKind.ExportKeyword)

function filesBelow(root: string): string[] {
  if (READ.test(root)) return [root]
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(name => READ.test(name) && !name.includes('node_modules'))
    .map(name => join(root, name))
}
