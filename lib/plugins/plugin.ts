import type { GateRule } from '../decide/gate-case.ts'
import type { TradeRule } from '../decide/trade-case.ts'
import type { FeatureFamily } from '../features/kit/family.ts'
import type { SourceKind } from '../sources/source.ts'
import type { Strategy } from '../strategy/bar-strategy.ts'

/** What a plugin adds: the same declarations as those of this program. */
export interface PluginParts {
  strategies: readonly Strategy[]
  gateRules: readonly GateRule[]
  tradeRules: readonly TradeRule[]
  families: readonly FeatureFamily[]
  sources: readonly SourceKind[]
}

/** A file that extends commands, loaded and checked. */
export interface Plugin extends PluginParts {
  /** Base name of the file, without its extension. */
  name: string
  /** The file itself, links followed. */
  path: string
  /** Of the bytes that were run, in hex. */
  sha256: string
  /** What the author calls this version. */
  version: string
}

/** What tells one state of a plugin from another, in hashes and identities. */
export const stampOf = ({ name, version, sha256 }: Plugin): string =>
  `${name}@${version}:${sha256.slice(0, 12)}`

/** Those of the plugins whose part has one of these names, as part of the identity of a run. */
export function identityOf(
  plugins: readonly Plugin[],
  used: readonly string[],
  namesOf: (plugin: Plugin) => readonly string[],
): unknown {
  const found = plugins.filter(plugin => namesOf(plugin).some(name => used.includes(name)))
  return found.length === 0 ? undefined : { plugins: found.map(stampOf) }
}
