import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import type { ReadModel } from '../../onnx/read-model.ts'
import type { Kind } from '../bundle.ts'
import { HEADS } from '../heads.ts'
import { UNIT_NAMES, type Unit } from './head-units.ts'
import type { ImportFlags } from './import-flags.ts'

/** What the user says an input of the graph takes. */
export interface InputSpec {
  /** Input of the graph, and its name in the bundle. */
  name: string
  feed: string
  /** Features in their order, or the one name of a tensor, SET.TENSOR. */
  words: readonly string[]
  /** Key of its scaler. */
  scaler: string | undefined
  /** Whether it is scaled at all when there is a file of scalers. */
  isScaled: boolean
}

/** What the user says an output of the graph is. */
export interface HeadSpec extends Pick<ImportFlags, 'column' | 'unit'> {
  head: string
  output: string
  feed: string
  word: string | undefined
}

export interface Specs {
  kind: Kind
  inputs: readonly InputSpec[]
  heads: readonly HeadSpec[]
}

/** Name of the output of an imported head: one that no exporter uses. */
export const HEAD = 'sluice_head'

/**
 * What the flags, and the file of --map beside them, say of the ends of a graph. Throws UsageError
 * where they name what is not there, or leave an input out.
 */
export function specsOf(given: ImportFlags, model: ReadModel): Specs {
  const flags = given.map === undefined ? given : { ...given, ...readMap(given.map, given) }
  const groups = groupsOf(flags.head ?? [])
  const kind = flags.kind ?? kindOf([...groups.keys(), ...(flags.head ?? [])])
  const taken = new Set(model.names)
  return { kind, inputs: inputsOf(flags, model, taken), heads: headsOf(flags, kind, model, taken) }
}

/** The kind that has all heads; moon where none is named, or several have them. */
function kindOf(heads: readonly string[]): NonNullable<ImportFlags['kind']> {
  const kinds = ['moon', 'sequence', 'rug', 'opportunity'] as const
  const named = heads.filter(head => Object.values(HEADS).flat().includes(head))
  return kinds.find(kind => named.every(head => HEADS[kind].includes(head))) ?? 'moon'
}

/**
 * `a=x,y,b=z`, which a flag splits at commas: a word with = begins a new group. Words before the
 * first are left out.
 */
export function groupsOf(words: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  let open: string[] | undefined
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 0) {
      open?.push(word)
      continue
    }
    const name = word.slice(0, at)
    if (at === word.length - 1) throw new UsageError(`${word} says nothing`)
    if (groups.has(name)) throw new UsageError(`${name} is mapped twice`)
    open = [word.slice(at + 1)]
    groups.set(name, open)
  }
  return groups
}

function inputsOf(flags: ImportFlags, model: ReadModel, taken: Set<string>): InputSpec[] {
  const names = model.inputs.map(({ name }) => name)
  const mapped = groupsOf(flags.input ?? [])
  const keys = groupsOf(flags.scaler ?? [])
  if (mapped.size === 0) {
    const name = flags.input?.[0] ?? names[0]!
    mustBe(name, names, 'input')
    if (names.length > 1)
      throw new UsageError(
        `the graph has ${names.length} inputs (${names.join(', ')}); say what each takes, as ` +
          `--input ${names[0]}=FEATURE,FEATURE --input ${names[1]}=SET.TENSOR`,
      )
    if (flags.features === undefined)
      throw new UsageError(`import: --features, or --input ${name}=…, is needed`)
    const scaler = keys.get(name)?.[0] ?? flags.scaler?.[0]
    const feed = freeName('features', taken)
    return [{ name, feed, words: flags.features, scaler, isScaled: true }]
  }
  if (flags.features !== undefined)
    throw new UsageError('--features and --input NAME=… say the same; give one of them')
  const missing = names.find(name => !mapped.has(name))
  if (missing !== undefined)
    throw new UsageError(`what does input ${missing} take? say --input ${missing}=…`)
  for (const name of [...mapped.keys(), ...keys.keys()]) mustBe(name, names, 'input')
  if (keys.size === 0 && flags.scaler !== undefined && names.length > 1)
    throw new UsageError(`--scaler ${flags.scaler.join(',')}: of which input? say INPUT=KEY`)
  return names.map(name => ({
    name,
    feed: freeName(`raw_${name}`, taken),
    words: mapped.get(name)!,
    scaler: keys.get(name)?.[0] ?? (keys.size === 0 ? flags.scaler?.[0] : undefined),
    isScaled: keys.size === 0 || keys.has(name),
  }))
}

function headsOf(flags: ImportFlags, kind: Kind, model: ReadModel, taken: Set<string>): HeadSpec[] {
  const mapped = groupsOf(flags.head ?? [])
  const heads = mapped.size > 0 ? [...mapped.keys()] : [flags.head?.[0] ?? HEADS[kind][0]!]
  for (const head of heads)
    if (!HEADS[kind].includes(head))
      throw new UsageError(`--head ${head}: kind ${kind} has ${HEADS[kind].join(', ')}`)
  const outputs = model.outputs.map(({ name }) => name)
  const { class: word, column, unit } = flags
  if (mapped.size === 0) {
    const output = flags.output ?? outputs.at(-1) ?? ''
    return [{ head: heads[0]!, output, feed: HEAD, word, column, unit }]
  }
  if (mapped.size > 1 && [flags.output, word, column, unit].some(given => given !== undefined))
    throw new UsageError(
      'with several heads each says its own: --head HEAD=OUTPUT@CLASS:UNIT, instead of --output, ' +
        '--class, --column and --unit',
    )
  return [...mapped].map(([head, words]) => {
    const said = headIn(words.join(','), outputs)
    const feed = freeName(`head_${head}`, taken)
    return { head, feed, ...said, word: said.word ?? word, column, unit: said.unit ?? unit }
  })
}

/** OUTPUT, with @CLASS or @COLUMN and :UNIT behind it; names of outputs may hold both signs. */
function headIn(text: string, outputs: readonly string[]) {
  const output = outputs
    .filter(name => text.startsWith(name) && /^($|[@:])/.test(text.slice(name.length)))
    .sort((a, b) => b.length - a.length)[0]
  const found = /^(?:@(.+?))?(?::([a-z]+))?$/.exec(text.slice((output ?? '').length))
  const name = text.replace(/[@:].*/, '')
  if (output === undefined || found === null)
    throw new UsageError(
      `the graph has outputs ${outputs.join(', ')}, not ${name}${didYouMean(name, outputs)}`,
    )
  const [, word, unit] = found
  if (unit !== undefined && !(UNIT_NAMES as readonly string[]).includes(unit))
    throw new UsageError(
      `--head …=${text}: ${unit} is none of ${UNIT_NAMES.join(', ')}` +
        didYouMean(unit, UNIT_NAMES),
    )
  return { output, word, unit: unit as Unit | undefined }
}

function mustBe(name: string, names: readonly string[], what: string): void {
  if (!names.includes(name))
    throw new UsageError(
      `the graph has ${what}s ${names.join(', ')}, not ${name}${didYouMean(name, names)}`,
    )
}

/**
 * The file of --map: {"inputs": {"candles": "sequence.candles", "context": ["liquidity", …]},
 * "scalers": {"candles": "candle_scaler"}, "heads": {"maxProfit": "max_profit:percent"}}.
 */
function readMap(path: string, flags: ImportFlags): Partial<ImportFlags> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--map ${path}: ${messageOf(error)}`)
  }
  const parts = { inputs: 'input', scalers: 'scaler', heads: 'head' } as const
  const wrong = (what: string): UsageError =>
    new UsageError(
      `--map ${path}: ${what}; expected {"inputs": {NAME: FEATURES}, "scalers": {NAME: KEY}, ` +
        '"heads": {HEAD: OUTPUT}}',
    )
  if (typeof value !== 'object' || value === null) throw wrong('not an object')
  const out: Record<string, string[]> = {}
  for (const [part, held] of Object.entries(value)) {
    const flag = parts[part as keyof typeof parts]
    if (flag === undefined) throw wrong(`unknown key ${part}`)
    if (flags[flag] !== undefined) throw wrong(`${part} are given by --${flag} as well`)
    if (typeof held !== 'object' || held === null || Array.isArray(held)) throw wrong(part)
    out[flag] = Object.entries(held).flatMap(([name, said]) => {
      const words = Array.isArray(said) ? said : [said]
      if (words.length === 0 || words.some(word => typeof word !== 'string' || word.includes('=')))
        throw wrong(`${part}.${name}`)
      return [`${name}=${words[0]}`, ...words.slice(1).map(String)]
    })
  }
  return out
}

/** A name for a value of the graph that no other value has; it is taken from then on. */
function freeName(wanted: string, taken: Set<string>): string {
  const clean = wanted.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 48)
  let name = clean
  for (let n = 1; taken.has(name); n++) name = `${clean}_${n}`
  taken.add(name)
  return name
}
