import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, show, UsageError } from '../../base/errors.ts'
import type { Flag, Values } from '../../base/flags.ts'
import { didYouMean } from '../../base/suggest.ts'
import { SETS, type SetName } from '../../features/sets.ts'
import { isName, type Kind } from '../../model/bundle.ts'
import { aimOf, HEADS, SET_OF } from '../../model/heads.ts'
import { MODEL_KINDS } from '../../model/models-flag.ts'
import { modelRoots, shippedModels } from '../../model/registry.ts'
import {
  RECIPE_LABELS,
  RECIPE_PARAMETERS,
  type RecipeAlgorithm,
  type RecipeLabel,
  recipeFields,
} from './recipe-fields.ts'

type Fields = Values<typeof recipeFields>

/** How a model is made: all that stands in its recipe.json, the rest filled in. */
export interface ModelRecipe extends Fields {
  name: string
  kind: Kind
  algo: RecipeAlgorithm
  horizons: readonly string[]
  set: string
  /** Flags of `train`, as they are parsed; only those that were said. */
  parameters: Readonly<Record<string, unknown>>
}

/** What was said, and in which file: messages name it. */
interface Said {
  values: Partial<Fields>
  parameters: Record<string, unknown>
  /** File of each field. */
  from: Record<string, string>
}

/** Folders in which recipes are looked for: yours before those of the program. */
export const recipeRoots = (models: string | undefined, home: string): string[] => [
  ...new Set([...modelRoots(models, home), shippedModels()]),
]

/** Names of all models that have a recipe, in the order of their names. */
export function recipeNames(roots: readonly string[]): string[] {
  const names = roots.flatMap(root =>
    existsSync(root)
      ? readdirSync(root).filter(name => isName(name) && existsSync(fileOf(root, name)))
      : [],
  )
  return [...new Set(names)].sort()
}

const fileOf = (root: string, name: string): string => join(root, name, 'recipe.json')

/**
 * The recipe of a model: that of the first root, whose fields win over those of the next. Another
 * algorithm brings its own parameters. Undefined where no root has one. `kind` is that of its
 * version in production, for names that are no kind. Throws UsageError naming the file and the
 * field of what is no recipe, or does not fit.
 */
export function readRecipe(
  name: string,
  roots: readonly string[],
  kind?: Kind,
): ModelRecipe | undefined {
  const files = roots.map(root => fileOf(root, name)).filter(file => existsSync(file))
  if (files.length === 0) return undefined
  const all = files.map(readFile).reduceRight((below, above) => ({
    values: { ...below.values, ...above.values },
    parameters: {
      ...(above.values.algo === undefined ? below.parameters : {}),
      ...above.parameters,
    },
    from: { ...below.from, ...above.from },
  }))
  return fitted(name, all, kind, files[0]!)
}

/** What one file says, each field checked on its own. */
function readFile(path: string): Said {
  const value = parsed(path)
  const names = [...Object.keys(recipeFields), 'parameters']
  const odd = Object.keys(value).find(key => !names.includes(key))
  if (odd !== undefined)
    throw new UsageError(
      `${path}: unknown field ${show(odd)}${didYouMean(odd, names)}; ` +
        `it may hold ${names.join(', ')}`,
    )
  const { parameters = {}, ...rest } = value
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new UsageError(`${path}: parameters: expected an object, got ${show(parameters)}`)
  const values = Object.fromEntries(
    Object.entries(rest).map(([field, each]) => [
      field,
      parsedField(recipeFields[field as keyof Fields], each, `${path}: ${field}`),
    ]),
  )
  const from = Object.fromEntries(Object.keys(value).map(field => [field, path]))
  return { values, parameters: parameters as Record<string, unknown>, from }
}

function parsed(path: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${path}: expected an object like {"label": "willMoon", "algo": "gbdt"}`)
  return value as Record<string, unknown>
}

/** A JSON value as the flag of that name takes it. Throws UsageError naming the field. */
function parsedField(flag: Flag, value: unknown, where: string): unknown {
  const isList = Array.isArray(value) && value.every(each => typeof each === 'string')
  const fits =
    flag.kind === 'list'
      ? isList
      : flag.kind === 'number' || flag.kind === 'integer'
        ? typeof value === 'number'
        : typeof value === (flag.kind === 'bool' ? 'boolean' : 'string')
  const words = { list: 'a list of texts', number: 'a number', integer: 'a whole number' }
  const expected = (what: string): UsageError =>
    new UsageError(`${where}: expected ${what}, got ${show(value)}`)
  if (!fits)
    throw expected(
      words[flag.kind as keyof typeof words] ??
        (flag.kind === 'bool' ? 'true or false' : `text like ${flag.value}`),
    )
  try {
    return flag.parse(isList ? value.join(',') : String(value))
  } catch (error) {
    throw expected(messageOf(error))
  }
}

/** All fields together: what is not said is filled in, what does not fit is refused. */
function fitted(name: string, said: Said, known: Kind | undefined, file: string): ModelRecipe {
  const { values } = said
  const refuse = (field: string, text: string): UsageError =>
    new UsageError(`${said.from[field] ?? file}: ${field}: ${text}`)
  const isKind = (text: string): text is Kind => (MODEL_KINDS as readonly string[]).includes(text)
  const kind = values.kind ?? known ?? (isKind(name) ? name : undefined)
  if (kind === undefined) throw refuse('kind', `missing; one of ${MODEL_KINDS.join(', ')}`)
  const algo = algorithmOf(kind, values, refuse)
  const set = values.set ?? SET_OF[kind]
  const defaults = Object.fromEntries(
    Object.entries(recipeFields).map(([field, flag]) => [field, flag.default]),
  ) as Fields
  const recipe: ModelRecipe = {
    ...defaults,
    ...values,
    name,
    kind,
    algo,
    set,
    horizons: values.horizons ?? [],
    parameters: parametersOf(algo, said, refuse),
  }
  refuseLabel(recipe, refuse)
  refuseFeatures(recipe, refuse)
  return recipe
}

type Refuse = (field: string, text: string) => UsageError

/** Kinds that one algorithm alone makes. */
const ONLY: Partial<Record<Kind, RecipeAlgorithm>> = { price: 'network', volatility: 'garch' }

function algorithmOf(kind: Kind, { algo, label }: Partial<Fields>, refuse: Refuse) {
  const only = ONLY[kind]
  const usual = only ?? (kind === 'sequence' && label === undefined ? 'network' : 'gbdt')
  if (algo === undefined) return usual
  if (only !== undefined && algo !== only)
    throw refuse('algo', `a model of kind ${kind} is trained by ${only}, not by ${algo}`)
  if (algo === 'network' && kind !== 'sequence' && kind !== 'price')
    throw refuse('algo', `there is no network of kind ${kind}, only of sequence and price`)
  if (algo === 'garch' && kind !== 'volatility')
    throw refuse('algo', `garch makes models of kind volatility, not ${kind}`)
  return algo
}

function parametersOf(algo: RecipeAlgorithm, { parameters, from }: Said, refuse: Refuse) {
  const flags = RECIPE_PARAMETERS[algo]
  const names = Object.keys(flags)
  const parse = ([key, value]: [string, unknown]): [string, unknown] => {
    const flag = flags[key]
    if (flag === undefined)
      throw refuse(
        `parameters.${key}`,
        `${algo} has none of that name${didYouMean(key, names)}; ` +
          `it has ${names.join(', ') || 'none'}`,
      )
    return [key, parsedField(flag, value, `${from.parameters}: parameters.${key}`)]
  }
  return Object.fromEntries(Object.entries(parameters).map(parse))
}

/** What a label is known at. */
const HORIZON_OF: Partial<Record<RecipeLabel, { is: RegExp; like: string }>> = {
  willMoon: { is: /^n[1-9]\d{0,4}$/, like: 'of snapshots, like n10' },
  willRug: { is: /^n[1-9]\d{0,4}$/, like: 'of snapshots, like n10' },
  success: { is: /^path$/, like: 'path' },
}
const TIMED = { is: /^[mhd][1-9]\d{0,4}$/, like: 'of time, like h1' }

function refuseLabel({ kind, algo, label, horizons, trainer }: ModelRecipe, refuse: Refuse): void {
  const isOwn = trainer !== undefined
  if (algo === 'garch') {
    if (label !== undefined) throw refuse('label', 'garch learns from closes and takes none')
    return
  }
  if (!isOwn && horizons.length === 0)
    throw refuse('horizons', 'missing; a list like ["h1"] or ["n10"]')
  const wrong = horizons.find(horizon => !/^([mhdn][1-9]\d{0,4}|path)$/.test(horizon))
  if (wrong !== undefined)
    throw refuse('horizons', `expected horizons such as m5, h1, n10 or path, got ${show(wrong)}`)
  if (algo === 'network') {
    if (label !== undefined)
      throw refuse('label', 'a network learns the labels of all its heads and takes none')
    return
  }
  if (label === undefined) {
    if (isOwn) return
    throw refuse('label', `missing; one of ${Object.keys(RECIPE_LABELS).join(', ')}`)
  }
  const fits = headOf(kind, label)
  if (fits === undefined) throw refuse('label', `${label} is no label for a model of kind ${kind}`)
  const { is, like } = HORIZON_OF[label] ?? TIMED
  if (horizons[0] !== undefined && !is.test(horizons[0]))
    throw refuse('horizons', `${label} is known at a horizon ${like}, not at ${horizons[0]}`)
}

/** The head that a label trains: the first of the kind that is about the same sort of thing. */
export const headOf = (kind: Kind, label: RecipeLabel): string | undefined =>
  HEADS[kind].find(
    head =>
      aimOf(head) === RECIPE_LABELS[label] &&
      (kind !== 'sequence' || (head === 'rugRisk') === (label === 'rug')),
  )

function refuseFeatures({ set, algo, features, trainer }: ModelRecipe, refuse: Refuse): void {
  if (features === undefined) return
  if (algo === 'network' || algo === 'garch')
    throw refuse('features', `${algo} takes none: its input is fixed`)
  // Of a set that another program makes nothing is known before its lines are there.
  if (trainer !== undefined || !Object.hasOwn(SETS, set)) return
  const names = SETS[set as SetName].features.map(feature => feature.name)
  const odd = features.find(feature => !names.includes(feature))
  if (odd !== undefined)
    throw refuse('features', `set ${set} has no ${show(odd)}${didYouMean(odd, names)}`)
  const twice = features.find((feature, i) => features.indexOf(feature) < i)
  if (twice !== undefined) throw refuse('features', `${twice} stands there twice`)
}
