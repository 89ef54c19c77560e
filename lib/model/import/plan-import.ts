import { DataError, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { SETS, type SetName } from '../../features/sets.ts'
import { ELEMENT } from '../../onnx/graph.ts'
import type { Port, ReadModel } from '../../onnx/read-model.ts'
import type { BundleHead, BundleInput } from '../bundle.ts'
import { inputOf } from '../set-input.ts'
import { TENSORS } from '../set-tensors.ts'
import { type Classes, classesBehind, columnOf, refuseOneClass } from './class-words.ts'
import { namesOf, resolved } from './feature-names.ts'
import { isChange } from './head-units.ts'
import { type Edit, type HeadPlan, type InputPlan, sidesOf } from './import-plan.ts'
import type { HeadSpec, InputSpec, Specs } from './import-specs.ts'
import type { Scaler } from './scalers/sklearn-scaler.ts'

/** Everything that is decided before a file is changed. */
export interface Plan {
  edit: Edit
  inputs: BundleInput[]
  heads: BundleHead[]
  /** What a reader must know of how the file was taken. */
  notes: string[]
}

interface Options {
  set: string
  /** Classes behind the columns where they are known beside the graph. */
  classes: Classes | undefined
  /** The scaler of an input that takes these features. */
  scaler(input: InputSpec, features: readonly string[]): Scaler | undefined
}

/** Names of the element types that a message may have to name (TensorProto.DataType). */
const TYPES: Readonly<Record<number, string>> = {
  0: 'no tensor',
  1: 'float',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'double',
  16: 'bfloat16',
}

/**
 * How the ends of a graph become inputs and heads of a bundle. Throws UsageError for what cannot
 * be, and DataError for a scaler that does not fit.
 */
export function planImport(model: ReadModel, specs: Specs, options: Options): Plan {
  const notes: string[] = []
  const inputs = specs.inputs.map(spec => planInput(portOf(model.inputs, spec.name), spec, options))
  const heads = specs.heads.map(spec => planHead(model, spec, notes, options.classes))
  const batches = new Set(specs.inputs.flatMap(({ name }) => batchOf(portOf(model.inputs, name))))
  if (batches.size > 1)
    throw new UsageError(`the inputs take ${[...batches].join(' and ')} rows at once; refused`)
  const [batch] = batches
  if (batch !== undefined)
    notes.push(`Exported for ${batch} row${batch > 1 ? 's' : ''} at once: runs row by row.`)
  return {
    edit: { inputs: inputs.map(({ plan }) => plan), heads: heads.map(({ plan }) => plan), batch },
    inputs: inputs.map(({ input }) => input),
    heads: heads.map(({ head }) => head),
    notes: [...inputs.flatMap(each => each.notes), ...notes],
  }
}

const portOf = (ports: readonly Port[], name: string): Port =>
  ports.find(port => port.name === name)!
const batchOf = ({ shape }: Port): number[] => (shape?.[0] === undefined ? [] : [shape[0]])

interface PlannedInput {
  plan: InputPlan
  input: BundleInput
  notes: string[]
}

function planInput(port: Port, spec: InputSpec, options: Options): PlannedInput {
  const { name, type } = port
  if (type !== ELEMENT.float && type !== ELEMENT.double)
    throw new UsageError(
      `input ${name} takes ${TYPES[type] ?? `type ${type}`}; export it with inputs of float32`,
    )
  const tensor = tensorIn(spec.words)
  const planned =
    tensor === undefined ? valuesInput(port, spec, options.set) : tensorInput(port, spec, tensor)
  const { features, notes } = planned
  const scaler = options.scaler(spec, features)
  if (type === ELEMENT.double) notes.push(`Input ${name} takes double: float32 is cast to it.`)
  const plan = { ...planned.plan, name, feed: spec.feed, type, scaler }
  if (scaler !== undefined) checkScaler(scaler, plan, features, notes)
  return { plan, input: planned.input, notes }
}

interface Taken {
  plan: Pick<InputPlan, 'raw' | 'rows' | 'columns' | 'shape'>
  input: BundleInput
  /** What its columns are. */
  features: readonly string[]
  notes: string[]
}

/** SET.TENSOR, or SET.TENSOR:COLUMN and more columns. */
function tensorIn(words: readonly string[]): { set: string; columns: string[] } | undefined {
  const [first = '', ...more] = words
  const found = /^(\w+)\.(\w+)(?::(.*))?$/.exec(first)
  const set = Object.keys(TENSORS).find(
    each => each === found?.[1] && TENSORS[each]!.name === found[2],
  )
  if (set === undefined) return undefined
  const own = TENSORS[set]!.columns
  const columns = found?.[3] === undefined ? [...more] : [found[3], ...more]
  const odd = columns.find(column => !own.includes(column))
  if (odd !== undefined)
    throw new UsageError(`${first} has no column ${odd}, it has ${own.join(', ')}`)
  return { set, columns: columns.length > 0 ? columns : [...own] }
}

function tensorInput(
  port: Port,
  { feed }: InputSpec,
  { set, columns }: { set: string; columns: readonly string[] },
): Taken {
  const { name: tensor, rows, columns: own } = TENSORS[set]!
  const { name, shape } = port
  const sides = shape?.slice(1) ?? [rows, columns.length]
  if (shape?.length === 2 && shape[1] === columns.length && shape[0] !== undefined && shape[0] > 1)
    throw new UsageError(`input ${name} is ${shape.join('×')}: export it with a batch in front`)
  if (sides.length === 2 && sides[0] === columns.length && sides[1] !== columns.length)
    throw new UsageError(
      `input ${name} is ${sides.join('×')}: its columns come first; transpose it`,
    )
  const known = sides.reduce<number>((product, side) => product * (side ?? 1), 1)
  const isFree = sides.includes(undefined)
  const taken = isFree ? rows : known / columns.length
  const isOther = sides.length > 1 && ![undefined, columns.length].includes(sides.at(-1))
  if (isOther || !(Number.isInteger(taken) && taken > 0))
    throw new UsageError(
      `input ${name} takes ${sides.map(side => side ?? 'N').join('×')} numbers, ` +
        `${set}.${tensor} has columns ${columns.join(', ')}`,
    )
  if (taken > rows)
    throw new UsageError(`input ${name} takes ${taken} rows, ${set}.${tensor} has ${rows}`)
  const notes: string[] = []
  if (taken < rows) notes.push(`Input ${name} takes the newest ${taken} of ${rows} rows.`)
  const isWhole = columns.join() === own.join()
  const plan = {
    raw: [rows, own.length],
    rows: taken < rows ? Array.from({ length: taken }, (_, k) => rows - taken + k) : undefined,
    columns: isWhole ? undefined : columns.map(column => own.indexOf(column)),
    shape: filled(name, sides, taken * columns.length),
  }
  const { hash } = SETS[set as SetName]
  const input = { name: feed, set, hash, tensor, shape: plan.raw }
  return { plan, input, features: columns, notes }
}

/** The sides of a row with at most one that was free. */
function filled(name: string, sides: readonly (number | undefined)[], numbers: number): number[] {
  const free = sides.filter(side => side === undefined).length
  const known = sides.reduce<number>((product, side) => product * (side ?? 1), 1)
  if (free > 1 || (free === 0 && known !== numbers) || numbers % known !== 0)
    throw new UsageError(
      `input ${name} takes ${sides.map(side => side ?? 'N').join('×') || 1} numbers a row, ` +
        `${numbers} are named for it`,
    )
  return sides.map(side => side ?? numbers / known)
}

function valuesInput({ name, shape }: Port, { words, feed }: InputSpec, fallback: string): Taken {
  const [set, names] = setOf(words, fallback)
  const features = resolved(set, names)
  const notes = features.flatMap((feature, k) =>
    feature === names[k] ? [] : [`${names[k]} is taken for ${feature} of set ${set}.`],
  )
  if (namesOf(set).length > 0 && !namesOf(set).includes(features[0]!))
    notes.push(
      `No feature of input ${name} is one of set ${set}: only lines with such a set of another ` +
        'program can be scored.',
    )
  const raw = [features.length]
  const plan = {
    raw,
    shape: shape === undefined ? raw : filled(name, shape.slice(1), features.length),
  }
  return { plan, input: { ...inputOf(set, features), name: feed }, features, notes }
}

/** The set that features are of: named before the first of them, or the one of the kind. */
function setOf(words: readonly string[], fallback: string): [string, string[]] {
  const prefixes = words.map(word => /^(\w+)\.(.+)$/.exec(word))
  const sets = new Set(
    prefixes.flatMap(found => (Object.hasOwn(SETS, found?.[1] ?? '') ? [found![1]!] : [])),
  )
  if (sets.size > 1)
    throw new UsageError(`one input takes features of one set, not of ${[...sets].join(' and ')}`)
  const [set] = sets
  if (set === undefined) return [fallback, [...words]]
  return [set, words.map((word, k) => (prefixes[k]?.[1] === set ? prefixes[k][2]! : word))]
}

function checkScaler(
  { offset, names }: Scaler,
  plan: InputPlan,
  features: readonly string[],
  notes: string[],
): void {
  const sides = sidesOf(plan)
  const numbers = sides.reduce((product, side) => product * side, 1)
  if (offset.length !== features.length && offset.length !== numbers)
    throw new DataError(`scales ${offset.length} features, ${features.length} are named`)
  if (names === undefined || names.join() === features.join()) return
  const set = plan.raw.length > 1 ? undefined : features
  const moved = names.findIndex((name, k) => name !== features[k] && features.includes(name))
  if (moved >= 0) throw new DataError(`was fitted on the features in the order ${names.join(',')}`)
  const other = names.findIndex((name, k) => set !== undefined && name !== features[k])
  if (other >= 0)
    notes.push(`The scaler was fitted on ${names.join(', ')}, fed with ${features.join(', ')}.`)
}

function planHead(model: ReadModel, spec: HeadSpec, notes: string[], known: Classes | undefined) {
  const { head, output, feed, word, column, unit } = spec
  const port = model.outputs.find(({ name }) => name === output)
  const names = model.outputs.map(({ name }) => name)
  if (port === undefined)
    throw new UsageError(
      `the graph has outputs ${names.join(', ')}, not ${output}${didYouMean(output, names)}`,
    )
  const zip = model.nodes.find(node => node.type === 'ZipMap' && node.outputs.includes(output))
  const value = zip?.inputs[0] ?? output
  const type = zip === undefined ? port.type : ELEMENT.float
  if (zip !== undefined) notes.push(`The ZipMap behind ${output} was left out.`)
  const classes = known ?? classesBehind(model, zip === undefined ? value : output)
  refuseOneClass(model, classes)
  if (![ELEMENT.float, ELEMENT.double, 10].includes(type))
    throw new UsageError(
      `output ${output} is ${TYPES[type] ?? `type ${type}`}: a label, not a number; choose ` +
        `another of ${names.join(', ')}`,
    )
  if (isChange(head) && unit === undefined)
    throw new UsageError(
      `${head} needs the unit in which ${output} says it: fraction, percent, bps or multiple`,
    )
  // Where the file names no classes a number after @ is a column.
  const place = classes === undefined && /^\d{1,4}$/.test(word ?? '') ? Number(word) : undefined
  const asked = place === undefined ? { word, column } : { word: undefined, column: place }
  const chosen = columnOf({ output, ...asked, isZipMap: zip !== undefined }, classes)
  if (chosen.word !== undefined) notes.push(`${head} is the probability of class ${chosen.word}.`)
  const plan: HeadPlan = { value, feed, type, column: chosen.column, unit: unit ?? 'fraction' }
  const named = chosen.word === undefined ? {} : { class: chosen.word }
  return { plan, head: { name: head, output: feed, ...named } }
}
