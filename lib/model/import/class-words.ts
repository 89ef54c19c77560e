import { UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import type { ReadModel, ReadNode } from '../../onnx/read-model.ts'

/** Classes behind the columns of an output, in their order. */
export interface Classes {
  words: readonly string[]
  /** Texts, or whole numbers. */
  isText: boolean
}

/** Attributes of the operators of ai.onnx.ml that name classes. */
const TEXTS = ['classlabels_strings']
const WHOLES = ['classlabels_ints', 'classlabels_int64s']

/**
 * What the classes of a value are: of the nodes it comes from, else the texts that label picks
 * from. Undefined where the file does not say. Throws UsageError where it says two things.
 */
export function classesBehind(model: ReadModel, value: string): Classes | undefined {
  const nodes = ancestors(model, value)
  const texts = lists(nodes, node => TEXTS.flatMap(name => node.texts(name)))
  const beside = model.nodes.flatMap(node =>
    node.type === 'ArrayFeatureExtractor' ? [model.words.get(node.inputs[0] ?? '') ?? []] : [],
  )
  const [first, ...others] = distinct(texts.length > 0 ? texts : beside)
  if (others.length > 0)
    throw new UsageError(
      `${value}: the file names its classes twice, ${first} and ${others[0]}: it is refused`,
    )
  if (first !== undefined) return { words: first, isText: true }
  const wholes = lists(nodes, node => WHOLES.flatMap(name => node.wholes(name)).map(String))
  const [numbers, ...more] = distinct(wholes)
  return numbers === undefined || more.length > 0 ? undefined : { words: numbers, isText: false }
}

const lists = (nodes: readonly ReadNode[], of: (node: ReadNode) => string[]): string[][] =>
  nodes.map(of).filter(words => words.length > 0)

const distinct = (all: readonly (readonly string[])[]): (readonly string[])[] => [
  ...new Map(
    all.filter(list => list.length > 0).map(list => [JSON.stringify(list), list]),
  ).values(),
]

/** Nodes that a value is computed by, however far away. */
function ancestors({ nodes }: ReadModel, value: string): ReadNode[] {
  const makers = new Map(nodes.flatMap(node => node.outputs.map(out => [out, node] as const)))
  const found = new Set<ReadNode>()
  const open = [value]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = makers.get(name)
    if (node === undefined || found.has(node)) continue
    found.add(node)
    open.push(...node.inputs)
  }
  return [...found]
}

/**
 * Throws UsageError for a file of a model that knows one class only: a detector of outliers, or a
 * classifier that saw one label.
 */
export function refuseOneClass(model: ReadModel, classes: Classes | undefined): void {
  if (classes?.words.length === 1)
    throw new UsageError(
      `the model knows one class only, ${classes.words[0]}: it says the same of every row`,
    )
  const isDetector =
    model.nodes.some(node => node.type === 'SVMRegressor' && node.wholes('one_class')[0] === 1) ||
    (['label', 'scores'].every(name => model.outputs.some(each => each.name === name)) &&
      !model.nodes.some(node => node.type.endsWith('Classifier')))
  if (isDetector)
    throw new UsageError(
      'a one-class model (OneClassSVM, IsolationForest, LocalOutlierFactor): its scores say how ' +
        'odd a row is, which is no head here',
    )
}

/** What was asked for of an output with classes. */
interface Asked {
  output: string
  /** By word, or by place. */
  word: string | undefined
  column: number | undefined
  isZipMap: boolean
}

/**
 * The column of a class, and its word where it is known. Classes that are words, and those of a
 * ZipMap, are chosen by word only: they stand in alphabetical order, which nobody remembers.
 */
export function columnOf(
  { output, word, column, isZipMap }: Asked,
  classes: Classes | undefined,
): { column: number | undefined; word: string | undefined } {
  const words = classes?.words ?? []
  if (word !== undefined) {
    if (classes === undefined)
      throw new UsageError(`${output}: the file names no classes; choose by --column`)
    const at = words.indexOf(word)
    if (at >= 0) return { column: at, word }
    throw new UsageError(
      `${output} has no class ${word}, it has ${words.join(', ')}${didYouMean(word, words)}`,
    )
  }
  if (classes !== undefined && (classes.isText || isZipMap)) {
    const what = isZipMap ? 'a ZipMap (left out here) of the classes' : 'of the classes'
    const said = column === undefined ? '' : `: column ${column} is ${words[column] ?? 'none'}`
    throw new UsageError(
      `${output} is ${what} ${words.join(', ')}${said}; choose one by its word, as ` +
        `--class ${words[column ?? words.length - 1] ?? words[0]}`,
    )
  }
  return { column, word: column === undefined ? undefined : words[column] }
}
