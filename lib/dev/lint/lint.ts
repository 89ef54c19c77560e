import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  castsOfAbsence,
  loseComments,
  missingDocstrings,
  namesakes,
  packedProperties,
} from './idiom-checks.ts'
import { unusedExports, upwardArrows, valueCircles } from './import-checks.ts'
import { importsOf } from './imports.ts'
import { repeatedFlags } from './knob-checks.ts'
import {
  crumbs,
  fileSizes,
  fullFolders,
  functionSizes,
  LIMITS,
  manyParameters,
  quantile,
  type Size,
  tooLong,
  wideLines,
} from './size-checks.ts'
import { type Finding, readTree } from './source-tree.ts'

/** Holds the house to its rules: what fails ends with exit 1, what is only worth a word is told. */
const ROOTS = ['cmd', 'lib', 'test', 'bench', 'pipelines', 'build.ts', 'Makefile']
const tree = readTree(ROOTS)
const imports = importsOf(tree)
const files = fileSizes(tree)
const functions = functionSizes(tree)

const failures: Finding[] = [
  ...tooLong(files, LIMITS.fileLines),
  ...tooLong(functions, LIMITS.functionLines),
  ...manyParameters(tree),
  ...wideLines(tree),
  ...namesakes(tree),
  ...valueCircles(imports),
  ...upwardArrows(imports),
  ...repeatedFlags(tree),
  ...packedProperties(tree),
  ...castsOfAbsence(tree),
  ...loseComments(tree),
  ...unusedExports(tree, imports),
  ...missingDocstrings(tree),
]

const print = (line: string): void => void process.stdout.write(`${line}\n`)
print(summary('file', files))
print(summary('function', functions))
for (const { at, problem } of crumbs(tree, imports)) print(`small: ${at} ${problem}`)
for (const { at, problem } of fullFolders(everyFile())) print(`full: ${at} ${problem}`)
for (const { at, problem } of failures) print(`fails: ${at} ${problem}`)
if (failures.length > 0) process.exitCode = 1

function summary(what: string, sizes: readonly Size[]): string {
  const largest = [...sizes].sort((a, b) => b.lines - a.lines).slice(0, 3)
  return (
    `${what}: ${sizes.length}, median ${quantile(sizes, 0.5)}, 95th ${quantile(sizes, 0.95)} ` +
    `lines; largest ${largest.map(size => `${size.at} ${size.lines}`).join(', ')}`
  )
}

/** Data files lie in folders too. */
function everyFile(): string[] {
  return ['cmd', 'lib', 'test', 'bench', 'pipelines'].flatMap(root =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(each => each.isFile())
      .map(each => join(each.parentPath, each.name)),
  )
}
