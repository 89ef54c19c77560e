import { basename } from 'node:path'
import type { Output } from '../base/console.ts'
import { messageOf, Negative, UsageError } from '../base/errors.ts'
import { defaultsOf } from '../base/flags.ts'
import { makeRng } from '../base/rng.ts'
import type { Ctx } from '../cli/command.ts'
import { GATE_RULES } from '../decide/gate-rules.ts'
import { TRADE_RULES } from '../decide/trade-rules.ts'
import { regimeFlags } from '../features/families/pool-state.ts'
import { whaleSetFlags } from '../features/families/whales-family.ts'
import { FAMILIES, type OurOptions, setsOf } from '../features/sets.ts'
import { guarded } from '../plugins/guards.ts'
import { loadBare } from '../plugins/load-plugins.ts'
import { joined } from '../plugins/plugged.ts'
import type { Plugin, PluginParts } from '../plugins/plugin.ts'
import { readPluginFile } from '../plugins/plugin-file.ts'
import { simFlags, simOptions } from '../sources/from-sim.ts'
import { makeSimSource } from '../sources/sim/sim-source.ts'
import { SOURCES } from '../sources/sources.ts'
import { STRATEGIES } from '../strategy/strategies.ts'
import { familyLaws } from './family-laws.ts'
import { readFileLines } from './file-lines.ts'
import { watchHiddenInputs } from './hidden-inputs.ts'
import { cutsOf } from './prefix.ts'
import { GATE_FACTS, ruleLaws, TRADE_FACTS } from './rule-laws.ts'
import { sourceLaws } from './source-laws.ts'
import { hostileCandles, strategyLaws } from './strategy-laws.ts'
import { busiestMint, type Law } from './stream-laws.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** Whose laws they are, as `strategy mine`. */
interface Held {
  of: string
  laws: Law[]
}

/**
 * `verify plugin FILE`: holds all that a plugin adds to the laws that ours are held to, with a row
 * for each that holds. Throws a UsageError when it is no plugin, and a Negative (exit 1) with the
 * first difference.
 */
export async function verifyPlugin(ctx: Ctx, args: string[], out: Output): Promise<void> {
  const [path, ...more] = args
  if (path === undefined || more.length > 0) throw new UsageError('expected verify plugin FILE')
  const file = readPluginFile(path)
  const hidden = watchHiddenInputs()
  try {
    const bare = await loadBare(file)
    refuseNames(bare)
    const lines = await linesFor(bare, ctx)
    const row = (of: string, law: string) =>
      out.write(`${JSON.stringify({ verified: 'plugin', of, law })}\n`)
    await row(`plugin ${bare.name}`, 'shape')
    for (const { of, laws } of heldOf(bare, lines, ctx))
      for (const law of laws) {
        const difference = await differenceOf(law)
        if (difference !== undefined) throw new Negative(`${of}: ${law.law}: ${difference}`)
        await row(of, law.law)
      }
    const asked = hidden.asked()
    if (asked.length > 0)
      throw new Negative(
        `plugin ${bare.name}: clock and chance: it asks ${asked.join(', ')}; time comes from ts ` +
          'of the lines, chance from nowhere',
      )
    await row(`plugin ${bare.name}`, 'clock and chance')
  } finally {
    hidden.end()
  }
}

/** A recording that is named, else a simulated day where there is a feature set to see it. */
async function linesFor({ families }: Plugin, ctx: Ctx): Promise<string[]> {
  const { on, seed } = ctx.flags as unknown as VerifyFlags
  if (on !== undefined) return readFileLines(on)
  return families.length > 0 ? livelyLines(seed) : []
}

async function differenceOf({ difference }: Law): Promise<string | undefined> {
  try {
    return await difference()
  } catch (error) {
    return messageOf(error)
  }
}

/** Names of ours mean something already: no command would take them. */
function refuseNames({ name, strategies, gateRules, tradeRules, families, sources }: Plugin): void {
  try {
    joined('strategy', STRATEGIES, strategies)
    joined('rule', GATE_RULES as readonly { name: string }[], gateRules)
    joined('rule', TRADE_RULES as readonly { name: string }[], tradeRules)
    joined('set', setsOf(FAMILIES), setsOf(families))
    joined('source', SOURCES, sources)
  } catch (error) {
    throw new UsageError(`plugin ${name}: ${messageOf(error)}`)
  }
}

function* heldOf(bare: Plugin, lines: readonly string[], ctx: Ctx): Generator<Held> {
  const { cuts, seed, on } = ctx.flags as unknown as VerifyFlags
  const safe: PluginParts = guarded(`plugin ${basename(bare.path)}`, bare)
  const bars = on === undefined ? hostileCandles(seed) : lines
  const cutsIn = (raws: readonly string[]): number[] => cutsOf(raws.length, cuts, makeRng(seed))
  for (const [i, strategy] of bare.strategies.entries()) {
    const both = { bare: strategy, guarded: safe.strategies[i]! }
    yield { of: `strategy ${strategy.name}`, laws: strategyLaws(both, bars, cutsIn(bars)) }
  }
  for (const rule of safe.gateRules)
    yield { of: `rule ${rule.name}`, laws: ruleLaws(rule, GATE_FACTS) }
  for (const rule of safe.tradeRules)
    yield { of: `rule ${rule.name}`, laws: ruleLaws(rule, TRADE_FACTS) }
  for (const family of safe.families) {
    const of = `set ${family.sets.map(({ name }) => name).join(', ')}`
    yield { of, laws: familyLaws(family, UNSET, lines, cutsIn(lines)) }
  }
  for (const source of safe.sources) {
    const args = on !== undefined && source.hasFiles ? [on] : []
    if (source.hasFiles === true && args.length === 0)
      throw new UsageError(`source ${source.name} needs ${source.needs}: name it with --on`)
    const flags = defaultsOf(source.flags) as Ctx['flags']
    const laws = sourceLaws(async () => source.make({ ...ctx, flags, args } as never))
    yield { of: `source ${source.name}`, laws }
  }
}

/** What a family is told when nobody sets a flag of `features`. */
export const UNSET: OurOptions = {
  ...defaultsOf(regimeFlags),
  ...defaultsOf(whaleSetFlags),
  sets: [],
  every: 0,
  smartWallets: undefined,
  smartRanking: undefined,
  garch: undefined,
  count: () => undefined,
}

const TOKENS = 4
const MOST_LINES = 6000

/** Ticks, and lines of the few tokens of a simulated day that have most candles. */
export async function livelyLines(seed: string): Promise<string[]> {
  const source = makeSimSource(simOptions({ ...defaultsOf(simFlags), seed, days: 1 }))
  const all: string[] = []
  for await (const batch of source.lines(new AbortController().signal))
    all.push(...batch.map(({ raw }) => raw))
  const mintOf = (raw: string): string | undefined => /"mint":"([^"]+)"/.exec(raw)?.[1]
  const candles = all.filter(raw => raw.includes('"kind":"candle"'))
  const chosen = new Set<string | undefined>()
  for (let k = 0; k < TOKENS; k++)
    chosen.add(busiestMint(candles.filter(raw => !chosen.has(mintOf(raw)))))
  const isChosen = (raw: string): boolean =>
    raw.includes('"kind":"tick"') || chosen.has(mintOf(raw))
  return all.filter(isChosen).slice(0, MOST_LINES)
}
