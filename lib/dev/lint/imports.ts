import { posix } from 'node:path'
import ts from 'typescript'
import { type SourceFile, scripts, walk } from './source-tree.ts'

/**
 * One file that names another: by value (loaded with it), by type (gone when built), or lazily
 * (loaded when the call is reached, or started as a thread or a process).
 */
export interface Import {
  from: string
  to: string
  how: 'value' | 'type' | 'lazy'
  /** What is taken; '*' where that cannot be told and all of it may be. */
  names: string[]
}

/**
 * Every import between the files of a tree; those of packages and of files outside are left out.
 */
export function importsOf(tree: readonly SourceFile[]): Import[] {
  const files = new Set(tree.map(file => file.name))
  return scripts(tree)
    .flatMap(importsIn)
    .flatMap(each => {
      if (files.has(each.to)) return [each]
      if (!each.to.endsWith('/')) return []
      const inside = [...files].filter(name => `${posix.dirname(name)}/` === each.to)
      return inside.map(to => ({ ...each, to }))
    })
}

function importsIn(file: SourceFile): Import[] {
  const found: Import[] = []
  const add = (how: Import['how'], path: string, names: string[]): void => {
    if (!/^\.\.?\//.test(path)) return
    const to = posix.normalize(posix.join(posix.dirname(file.name), path))
    found.push({ from: file.name, to, how, names })
  }
  walk(file.ast(), node => {
    if (ts.isImportDeclaration(node)) {
      add(howOf(node.importClause), textOf(node.moduleSpecifier), importedNames(node.importClause))
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      const names = node.exportClause && ts.isNamedExports(node.exportClause)
      add(
        node.isTypeOnly ? 'type' : 'value',
        textOf(node.moduleSpecifier),
        names ? takenNames((node.exportClause as ts.NamedExports).elements) : ['*'],
      )
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const name = node.qualifier ? node.qualifier.getText().split('.')[0]! : '*'
      add('type', textOf(node.argument.literal), [name])
    } else if (ts.isStringLiteralLike(node) && isLazy(node)) {
      add('lazy', node.text, lazyNames(node))
    }
  })
  return found
}

const textOf = (node: ts.Node): string => (ts.isStringLiteralLike(node) ? node.text : '')

const howOf = (clause: ts.ImportClause | undefined): Import['how'] =>
  clause &&
  (clause.isTypeOnly ||
    (!clause.name &&
      clause.namedBindings !== undefined &&
      ts.isNamedImports(clause.namedBindings) &&
      clause.namedBindings.elements.length > 0 &&
      clause.namedBindings.elements.every(each => each.isTypeOnly)))
    ? 'type'
    : 'value'

function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (!clause) return []
  const own = clause.name ? ['default'] : []
  if (!clause.namedBindings) return own
  if (ts.isNamespaceImport(clause.namedBindings)) return [...own, '*']
  return [...own, ...takenNames(clause.namedBindings.elements)]
}

const takenNames = (
  elements: readonly { name: ts.Node; propertyName?: ts.Node | undefined }[],
): string[] => elements.map(each => (each.propertyName ?? each.name).getText())

/**
 * A path in import(…), new URL(…) or any other string is a file, or a folder of them, for later.
 */
function isLazy(node: ts.StringLiteralLike): boolean {
  const { parent } = node
  return (
    /(\.ts|\/)$/.test(node.text) &&
    !ts.isImportDeclaration(parent) &&
    !ts.isExportDeclaration(parent) &&
    !ts.isLiteralTypeNode(parent)
  )
}

/** const { a, b } = await import(…) takes a and b; (await import(…)).a takes a. */
function lazyNames(node: ts.StringLiteralLike): string[] {
  let at: ts.Node = node.parent
  while (ts.isAwaitExpression(at.parent) || ts.isParenthesizedExpression(at.parent)) at = at.parent
  const { parent } = at
  if (ts.isPropertyAccessExpression(parent) && at !== node.parent) return [parent.name.text]
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name))
    return takenNames(parent.name.elements)
  return ['*']
}
