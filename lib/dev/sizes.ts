import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Measures files and functions against the limits of the project and prints the largest. */
const LIMITS = { file: 250, function: 50, fileMedian: 70, functionMedian: 8 }

interface Size {
  name: string
  lines: number
}

const files = ['cmd', 'lib'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name)),
)
const fileSizes: Size[] = []
const functionSizes: Size[] = []
for (const name of files) {
  const text = readFileSync(name, 'utf8')
  fileSizes.push({ name, lines: text.split('\n').length - 1 })
  measure(name, ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true))
}

function measure(name: string, root: ts.SourceFile): void {
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const line = (at: number): number => root.getLineAndCharacterOfPosition(at).line
      // A factory is as long as the closures it holds; what counts is the code of its own.
      const inner = closuresIn(node.body as ts.Node).reduce(
        (sum, each) => sum + line(each.end) - line(each.getStart()),
        0,
      )
      const lines = line(node.end) - line(node.getStart()) + 1 - inner
      functionSizes.push({ name: `${name}:${line(node.getStart()) + 1}`, lines })
    }
    ts.forEachChild(node, visit)
  }
  visit(root)
}

/** Outermost functions inside a node. */
function closuresIn(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child) && 'body' in child) found.push(child)
    else ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return found
}

const quantile = (sizes: Size[], q: number): number =>
  sizes.map(size => size.lines).sort((a, b) => a - b)[
    Math.min(sizes.length - 1, Math.floor(q * sizes.length))
  ] ?? 0

for (const [what, sizes, limit] of [
  ['file', fileSizes, LIMITS.file],
  ['function', functionSizes, LIMITS.function],
] as const) {
  const largest = [...sizes].sort((a, b) => b.lines - a.lines).slice(0, 3)
  const shown = largest.map(size => `${size.name} ${size.lines}`).join(', ')
  process.stdout.write(
    `${what}: ${sizes.length}, median ${quantile(sizes, 0.5)}, 95th ${quantile(sizes, 0.95)} ` +
      `lines; largest ${shown}\n`,
  )
  for (const size of sizes.filter(each => each.lines > limit)) {
    process.stdout.write(`too long: ${size.name} has ${size.lines} lines, the limit is ${limit}\n`)
    process.exitCode = 1
  }
}
