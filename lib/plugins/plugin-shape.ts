import { show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import { completed } from '../decide/rule.ts'
import { type FeatureSetDefinition, hashOf } from '../features/kit/feature-set.ts'
import type { PluginParts } from './plugin.ts'

/** Throws a UsageError that ends in what was expected at `at`, and what is there. */
type Check = (value: unknown, at: string) => void
type Shape = Readonly<Record<string, Check>>

const refuse = (at: string, expected: string, value: unknown): never => {
  throw new UsageError(`${at}: expected ${expected}, got ${show(value)}`)
}
const that =
  (expected: string, isRight: (value: unknown) => boolean): Check =>
  (value, at) =>
    isRight(value) || refuse(at, expected, value)
const perhaps =
  (check: Check): Check =>
  (value, at) =>
    value === undefined || check(value, at)

const isText = (value: unknown): value is string =>
  typeof value === 'string' && /^[^\n]{1,500}$/.test(value)
const sentence = that('one line of text', isText)
const fn = that('a function', value => typeof value === 'function')
const switchOf = that('true or false', value => typeof value === 'boolean')
const name = that(
  'a name like my-idea',
  value => typeof value === 'string' && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(value),
)
const whole = that('a whole number from 1', value => Number.isInteger(value) && Number(value) >= 1)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf =
  (check: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return refuse(at, 'a list', value)
    for (const [i, each] of value.entries()) check(each, `${at}[${i}]`)
  }

/** An object of these keys and no others: a mistyped one would silently have no effect. */
const shaped =
  (shape: Shape): Check =>
  (value, at) => {
    if (!isObject(value)) return refuse(at, 'an object', value)
    const stray = Object.keys(value).find(key => !Object.hasOwn(shape, key))
    if (stray !== undefined)
      throw new UsageError(
        `${at}: unknown key ${show(stray)}${didYouMean(stray, Object.keys(shape))}`,
      )
    for (const [key, check] of Object.entries(shape)) check(value[key], `${at}.${key}`)
  }

const flags: Check = (value, at) => {
  if (!isObject(value)) return refuse(at, 'flags by name', value)
  for (const [key, flag] of Object.entries(value)) {
    if (!/^[a-z][a-zA-Z0-9]*$/.test(key)) refuse(at, 'names like myLimit', key)
    if (!isObject(flag) || typeof flag.parse !== 'function' || !isText(flag.doc))
      refuse(`${at}.${key}`, 'a flag made by sluice.flags', flag)
  }
}

const strategy = shaped({
  name,
  version: whole,
  doc: sentence,
  isDefault: perhaps(switchOf),
  flags: perhaps(flags),
  make: fn,
})

const rule = {
  name,
  version: perhaps(sentence),
  doc: sentence,
  unit: sentence,
  flags: perhaps(flags),
  on: perhaps(switchOf),
  unknown: sentence,
  reason: perhaps(name),
  judge: fn,
}
const score = shaped({ of: fn, flag: sentence, isLeast: switchOf })

const featureSetMade: Check = (value, at) => {
  const set = value as FeatureSetDefinition
  if (!isObject(value) || !Array.isArray(set.features) || set.hash !== hashOf(set.features))
    refuse(at, 'a set made by sluice.featureSet', value)
  if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/.test(set.name)) refuse(`${at}.name`, 'a name', set.name)
}

const family = shaped({
  sets: listOf(featureSetMade),
  flags: perhaps(flags),
  make: fn,
  market: perhaps(shaped({ key: that('a text that begins with a space', isKey), make: fn })),
})

/** The key of a state over all tokens stands among mints, which hold no space. */
function isKey(value: unknown): boolean {
  return isText(value) && value.startsWith(' ')
}

const source = shaped({
  name,
  summary: sentence,
  gives: listOf(sentence),
  needs: sentence,
  flags,
  hasFiles: that('true, false or perhaps', value =>
    ([true, false, 'perhaps'] as unknown[]).includes(value),
  ),
  writesHome: perhaps(switchOf),
  make: fn,
})

const PARTS: Shape = {
  version: that('a version like 1.0', value => isText(value) && value.length <= 40),
  strategies: perhaps(listOf(strategy)),
  gateRules: perhaps(listOf(shaped({ ...rule, score: perhaps(score) }))),
  tradeRules: perhaps(listOf(shaped({ ...rule, halt: perhaps(sentence) }))),
  families: perhaps(listOf(family)),
  sources: perhaps(listOf(source)),
}

/**
 * What a plugin declares, held against the shapes of our own declarations. Throws a UsageError like
 * `plugin mine.mjs: strategies[0].make: expected a function, got nothing`.
 */
export function readParts(who: string, declared: unknown): PluginParts & { version: string } {
  try {
    shaped(PARTS)(declared, '')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${who}: ${error.message.replace(/^\.?(: )?/, '')}`)
  }
  const {
    version,
    strategies = [],
    families = [],
    sources = [],
    ...rules
  } = declared as {
    version: string
  } & Partial<PluginParts>
  const { gateRules = [], tradeRules = [] } = rules
  return {
    version,
    strategies,
    gateRules: gateRules.map(each => completed(each)),
    tradeRules: tradeRules.map(each => completed(each)),
    families,
    sources,
  }
}
