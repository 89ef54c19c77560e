import { posix } from 'node:path'
import ts from 'typescript'
import { exportsOf } from './exports.ts'
import { type Finding, house, placeOf, type SourceFile, scripts, walk } from './source-tree.ts'

/** Spreads that pack several properties of a literal onto one line: `...{ a, b }`. */
export function packedProperties(tree: readonly SourceFile[]): Finding[] {
  return findings(tree, 'packs properties into a spread; write them one by one', node => {
    if (!ts.isSpreadAssignment(node)) return false
    return ts.isObjectLiteralExpression(bare(node.expression))
  })
}

/**
 * Casts that only say "it is there", as in `list[0] as number`: that is what `!` says. What comes
 * out of an index, a map or the end of a list is undefined or of the right type already; a cast to
 * a type that is not a plain one may narrow and is left to its reader.
 */
export function castsOfAbsence(tree: readonly SourceFile[]): Finding[] {
  return findings(tree, 'casts where only undefined is ruled out; write !', node => {
    if (!ts.isAsExpression(node) || !PLAIN.test(node.type.getText())) return false
    const inner = bare(node.expression)
    if (ts.isElementAccessExpression(inner))
      return !ts.isStringLiteralLike(inner.argumentExpression)
    return (
      ts.isCallExpression(inner) &&
      ts.isPropertyAccessExpression(inner.expression) &&
      MAY_MISS.has(inner.expression.name.text)
    )
  })
}

const PLAIN = /^(number|string|boolean|bigint|\w+Array)$/
const MAY_MISS = new Set(['get', 'at', 'pop', 'shift', 'find'])

/** A comment meant for a declaration, cut off from it by an empty line. */
export function loseComments(tree: readonly SourceFile[]): Finding[] {
  const problem = 'ends a comment that an empty line parts from its declaration'
  return scripts(tree).flatMap(({ name, text }) =>
    [...text.matchAll(/\*\/\n\n(?=export )/g)].map(match => ({
      at: `${name}:${text.slice(0, match.index).split('\n').length}`,
      problem,
    })),
  )
}

/** Functions of lib/ that others may call without a word on what they do. */
export function missingDocstrings(tree: readonly SourceFile[]): Finding[] {
  return house(tree).flatMap(file =>
    exportsOf(file)
      .filter(
        ({ statement, node }) => isFunction(node) && !ts.getJSDocCommentsAndTags(statement).length,
      )
      .map(({ name, node }) => ({
        at: placeOf(node),
        problem: `exports ${name} without a docstring`,
      })),
  )
}

/** Base names that stand for two files of lib/: a name means one thing. */
export function namesakes(tree: readonly SourceFile[]): Finding[] {
  const places = new Map<string, string[]>()
  for (const { name } of tree) {
    const base = posix.basename(name)
    if (!name.startsWith('lib/') || /^(README|index)\./.test(base)) continue
    places.set(base, [...(places.get(base) ?? []), name])
  }
  return [...places.values()]
    .filter(names => names.length > 1)
    .map(names => ({ at: names[0]!, problem: `has the base name of ${names.slice(1).join(', ')}` }))
}

function findings(
  tree: readonly SourceFile[],
  problem: string,
  isWrong: (node: ts.Node) => boolean,
): Finding[] {
  const found: Finding[] = []
  for (const file of scripts(tree))
    walk(file.ast(), node => {
      if (isWrong(node)) found.push({ at: placeOf(node), problem })
    })
  return found
}

const bare = (node: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(node) ? bare(node.expression) : node
const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  (ts.isVariableDeclaration(node) &&
    node.initializer !== undefined &&
    (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer)))
