import { DataError, messageOf, show, UsageError } from '../base/errors.ts'
import type { Ctx } from '../cli/command.ts'
import type { Verdict } from '../decide/rule.ts'
import type { Entries, FeatureFamily, TokenState } from '../features/kit/family.ts'
import { explain, fits } from '../records/check.ts'
import type { PartName } from '../records/parts.ts'
import type { SourceKind } from '../sources/source.ts'
import type { Strategy } from '../strategy/bar-strategy.ts'
import type { Line } from '../stream/line.ts'
import type { Source } from '../stream/step.ts'
import { type Plugin, type PluginParts, stampOf } from './plugin.ts'

/**
 * What a plugin adds, so that what it throws or makes wrongly while running ends the run with one
 * line that names it (exit 2), and no part of a line comes from it unchecked. Its rules carry its
 * version and hash, and so does every config hash that they are part of.
 */
export function guarded(who: string, plugin: Plugin): PluginParts {
  const stamp = stampOf(plugin)
  const ruled = <R extends { name: string; version: string; judge(...given: never[]): Verdict }>(
    rule: R,
  ): R => ({
    ...rule,
    version: `${rule.version} of ${stamp}`,
    judge: (...given: never[]) =>
      verdictOf(`${who}: rule ${rule.name}`, () => rule.judge(...given)),
  })
  return {
    strategies: plugin.strategies.map(each => strategyOf(`${who}: strategy ${each.name}`, each)),
    gateRules: plugin.gateRules.map(ruled),
    tradeRules: plugin.tradeRules.map(ruled),
    families: plugin.families.map(each => familyOf(`${who}: ${each.sets[0]?.name}`, each)),
    sources: plugin.sources.map(each => sourceOf(`${who}: source ${each.name}`, each)),
  }
}

/** Does something of a plugin; what it throws is a mistake of the plugin, not of this program. */
function of<T>(who: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${who}: ${show(messageOf(error), 300).slice(1, -1)}`)
  }
}

function verdictOf(who: string, judge: () => Verdict): Verdict {
  const verdict = of(who, judge)
  const { result, value, limit } = verdict ?? {}
  const isNumber = (x: unknown): boolean => x === undefined || typeof x === 'number'
  if (!['pass', 'fail', 'unknown'].includes(result) || !isNumber(value) || !isNumber(limit))
    throw new UsageError(`${who}: expected {result: pass, fail or unknown}, got ${show(verdict)}`)
  if (result === 'pass' && (Number.isNaN(value) || Number.isNaN(limit)))
    throw new UsageError(`${who}: passes what is not a number`)
  return verdict
}

/** Throws a UsageError where a part is not what its schema says. */
function checkPart(who: string, part: PartName, value: unknown): void {
  if (fits(part, value)) return
  try {
    explain(part, value)
  } catch (error) {
    throw new UsageError(`${who}: ${messageOf(error)}`)
  }
}

function strategyOf(who: string, strategy: Strategy): Strategy {
  return {
    ...strategy,
    make(flags) {
      const state = of(who, () => strategy.make(flags))
      if (typeof state?.update !== 'function')
        throw new UsageError(`${who}: make: expected {update}, got ${show(state)}`)
      return {
        update({ open, high, low, close, volume }, ts) {
          const bar = { open, high, low, close, volume }
          const opinion = of(who, () => state.update(bar, ts)) ?? undefined
          if (opinion !== undefined) checkPart(who, 'strategy', { [strategy.name]: opinion })
          return opinion
        },
      }
    },
  }
}

function familyOf(who: string, family: FeatureFamily): FeatureFamily {
  return {
    ...family,
    make(options, known) {
      const state = of(who, () => family.make(options, known))
      if (typeof state?.see !== 'function' || typeof state.visit !== 'function')
        throw new UsageError(`${who}: make: expected {see, visit}, got ${show(state)}`)
      return tokenState(who, family, state)
    },
  }
}

function tokenState(who: string, { sets }: FeatureFamily, state: TokenState): TokenState {
  const byName = new Map(
    sets.map(set => [set.name, { ...set, names: new Set(set.features.map(({ name }) => name)) }]),
  )
  return {
    see(rec, entries) {
      const own: Entries = {}
      of(who, () => state.see(rec, own))
      for (const [name, made] of Object.entries(own)) {
        const set = byName.get(name)
        if (set === undefined)
          throw new UsageError(`${who}: adds a set ${name} it does not declare`)
        checkPart(who, 'features', { [name]: made })
        if (made.hash !== set.hash) throw new UsageError(`${who}: ${name}.hash is not the set's`)
        const stray = Object.keys(made.values ?? {}).find(each => !set.names.has(each))
        if (stray !== undefined)
          throw new UsageError(`${who}: ${name} has a value ${stray} that it does not declare`)
        entries[name] = made
      }
    },
    visit: tape => of(who, () => state.visit(tape)),
  }
}

function sourceOf(who: string, source: SourceKind): SourceKind {
  return {
    ...source,
    async make(ctx) {
      const made = await caught(who, async () => source.make(ctx))
      if (typeof made?.lines !== 'function')
        throw new UsageError(`${who}: make: expected {lines}, got ${show(made)}`)
      return { ...made, lines: signal => checkedLines(who, made, signal, ctx) }
    },
  }
}

/** Lines as they would come from another program: whoever makes one wrongly hears of its field. */
async function* checkedLines(
  who: string,
  source: Source,
  signal: AbortSignal,
  { intake }: Pick<Ctx, 'intake'>,
): AsyncGenerator<Line[]> {
  const { parse } = intake(who)
  const batches = source.lines(signal)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await caught(who, async () => batches.next())
      if (next.done) return
      yield of(who, () => next.value.map(({ raw }) => raw)).flatMap(raw => parse(raw) ?? [])
    }
  } finally {
    await batches.return?.()
  }
}

async function caught<T>(who: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    // What a source reads is looked at by the same intake as ours, which names line and field.
    if (error instanceof DataError) throw error
    return of(who, () => {
      throw error
    })
  }
}
