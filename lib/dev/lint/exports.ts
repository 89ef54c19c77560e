import ts from 'typescript'
import { isExported, type SourceFile } from './source-tree.ts'

/** One name that a file gives away. */
interface Exported {
  name: string
  statement: ts.Statement
  node: ts.Node
}

/** What a file exports by name, in its order. */
export function exportsOf(file: SourceFile): Exported[] {
  return file.ast().statements.flatMap((statement): Exported[] => {
    if (!isExported(statement) || isDefault(statement)) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(node =>
        namesIn(node.name).map(name => ({ name, statement, node })),
      )
    const name = (statement as ts.DeclarationStatement).name?.getText()
    return name === undefined ? [] : [{ name, statement, node: statement }]
  })
}

const isDefault = (statement: ts.Statement): boolean =>
  (ts.getCombinedModifierFlags(statement as unknown as ts.Declaration) &
    ts.ModifierFlags.Default) !==
  0

/** The name of a variable, or all names of a pattern as in `const { a, b } = …`. */
const namesIn = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap(each => (ts.isOmittedExpression(each) ? [] : namesIn(each.name)))
