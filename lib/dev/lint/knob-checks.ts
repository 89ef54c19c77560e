import ts from 'typescript'
import { type Finding, house, placeOf, type SourceFile, walk } from './source-tree.ts'

/** What a file holds, and the roles of columns in any table: they have names of their own right. */
const OWN_NAMES = /^lib\/(export\/manifest|table\/read-table)\.ts$/
/**
 * As many members of a type that are flags of one declaration make it a second declaration, if they
 * are a good part of it: the fill of an order may well have fee, rent and chain.
 */
const TOO_MANY = { members: 3, share: 1 / 3 }

/** What the value of a flag is, by the maker that declares it (lib/base/flags.ts). */
const TYPE_OF: Readonly<Record<string, string>> = {
  num: 'number',
  int: 'number',
  duration: 'number',
  bytes: 'number',
  text: 'string',
  file: 'string',
  bool: 'boolean',
  list: 'readonly string[]',
  sol: 'bigint',
}

/** Flags that one object literal declares: their types by name. */
interface Declared {
  at: string
  types: ReadonlyMap<string, string>
}

/**
 * Types that say again what flags say: at least three members, and a third of all, with name and
 * type of flags of one declaration, a unit behind the name (`waitMs` of `--wait`) not counted. The
 * values of a command's flags have one type, `Values<typeof flags>`, and parts of it.
 */
export function repeatedFlags(tree: readonly SourceFile[]): Finding[] {
  const files = house(tree)
  const declared = files.flatMap(flagsIn)
  return files.flatMap(file => {
    if (OWN_NAMES.test(file.name)) return []
    const found: Finding[] = []
    walk(file.ast(), node => {
      if (!ts.isInterfaceDeclaration(node) && !ts.isTypeLiteralNode(node)) return
      const members = plainMembers(node)
      for (const { at, types } of declared) {
        const same = members.filter(({ name, type }) => types.get(bare(name, types)) === type)
        if (same.length < TOO_MANY.members) continue
        if (same.length < TOO_MANY.share * members.length) continue
        const names = same.map(({ name }) => name).join(', ')
        found.push({ at: placeOf(node), problem: `repeats the flags ${names} of ${at}` })
      }
    })
    return found
  })
}

function flagsIn(file: SourceFile): Declared[] {
  const found: Declared[] = []
  walk(file.ast(), node => {
    if (!ts.isObjectLiteralExpression(node)) return
    const types = new Map<string, string>()
    for (const each of node.properties) {
      if (!ts.isPropertyAssignment(each) || !ts.isCallExpression(each.initializer)) continue
      const type = TYPE_OF[each.initializer.expression.getText()]
      if (type !== undefined) types.set(each.name.getText(), type)
    }
    if (types.size >= TOO_MANY.members) found.push({ at: placeOf(node), types })
  })
  return found
}

/** Members that are values, with `?` and `| undefined` left out of their types. */
function plainMembers(node: ts.InterfaceDeclaration | ts.TypeLiteralNode) {
  return node.members.flatMap(member => {
    if (!ts.isPropertySignature(member) || member.type === undefined) return []
    const type = member.type.getText().replace(/ \| undefined$/, '')
    return [{ name: member.name.getText(), type }]
  })
}

/** The flag that a member is called like, with or without its unit. */
const bare = (name: string, types: ReadonlyMap<string, string>): string =>
  types.has(name) ? name : name.replace(/(Ms|Bytes|Days|Share)$/, '')
