import { UsageError } from '../base/errors.ts'
import { type Both, isGiven, valuesOf } from '../base/flag-groups.ts'
import { type Flags, kebab, list } from '../base/flags.ts'
import { PASS, type Rule, type Verdict } from './rule.ts'

/** Whatever a rule judges by. */
type AnyRule = Rule<never>

/** The flags of all rules of a table, and the one that leaves rules out. */
type RuleFlags<R extends readonly AnyRule[]> = Both<R[number]['flags']> & {
  without: ReturnType<typeof withoutFlag>
}

/**
 * The flags of the rules, in the order of the table, less those that `taken` has, and `--without`.
 * A rule may share a flag, but not give another meaning to its name. Throws a UsageError naming
 * the rule, and the flag.
 */
export function ruleFlags<const R extends readonly AnyRule[]>(
  rules: R,
  taken: Flags,
): RuleFlags<R> {
  const flags: Flags = {}
  const without = withoutFlag(rules)
  const others: Flags = { ...taken, without }
  for (const rule of rules) {
    for (const [key, flag] of Object.entries(rule.flags)) {
      const before = others[key] ?? flags[key]
      if (before !== undefined && before !== flag)
        throw new UsageError(`rule ${rule.name}: --${kebab(key)} has another meaning already`)
      if (before === undefined) flags[key] = flag
    }
    checkOff(rule)
  }
  return { ...flags, without } as unknown as RuleFlags<R>
}

/** A rule that is off needs a flag by which it is switched on. */
function checkOff({ name, on, flags }: AnyRule): void {
  const switches = Object.values(flags).filter(
    flag => flag.default === undefined || flag.default === false,
  )
  if (!on && switches.length === 0)
    throw new UsageError(`rule ${name}: off, and none of its flags could switch it on`)
}

/** `--without` of a table of rules. Throws a UsageError when two rules have one name. */
function withoutFlag(rules: readonly AnyRule[]) {
  const names = rules.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`rule ${twice}: there is one of this name already`)
  return list('rules to leave out', { choices: names, value: 'RULE,…' })
}

/** A rule and the values of its flags. */
export interface Bound<R> {
  rule: R
  /** False = it is off by itself, and none of its flags was given. */
  isOn: boolean
  limits: Record<string, unknown>
}

/**
 * The rules with the values of their flags, less those switched off by name; an unknown name is a
 * UsageError.
 */
export function bindRules<R extends AnyRule>(
  rules: readonly R[],
  values: Readonly<Record<string, unknown>>,
  without: readonly string[] = [],
): Bound<R>[] {
  const names = rules.map(({ name }) => name)
  const wrong = without.find(name => !names.includes(name))
  if (wrong !== undefined)
    throw new UsageError(`--without: expected any of ${names.join(', ')}, got ${wrong}`)
  return rules
    .filter(({ name }) => !without.includes(name))
    .map(rule => {
      const limits = valuesOf(rule.flags, values)
      const isAsked = Object.entries(rule.flags).some(([key, flag]) => isGiven(flag, limits[key]))
      return { rule, isOn: rule.on || isAsked, limits }
    })
}

/** What of the rules a config hash is over: the rules that apply, and their limits by flag. */
export function settingsOf(bound: readonly Bound<AnyRule>[]): Record<string, unknown> {
  const applied = bound.filter(({ isOn }) => isOn)
  return Object.assign(
    { 'rules applied': applied.map(({ rule }) => `${rule.name}@${rule.version}`) },
    ...applied.map(({ limits }) => limits),
  )
}

/** The verdict of a rule on one case; one that is off has nothing against it. */
export const verdictOf = <Facts>(
  { rule, isOn, limits }: Bound<Rule<Facts>>,
  facts: Facts,
): Verdict => (isOn ? rule.judge(facts, limits) : PASS)
