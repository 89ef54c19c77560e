import type { Values } from '../base/flags.ts'
import type { Command, Registry } from '../cli/command.ts'
import { allFlags } from '../cli/common-flags.ts'
import { type Config, type Environment, resolve } from '../cli/config.ts'
import type { liveFlags } from '../sources/from-live.ts'
import { type KeyValues, keyFile, readBases } from '../sources/live/access.ts'
import { FOR_OWN } from '../sources/open-live.ts'
import { jupiter } from '../sources/providers/jupiter.ts'
import { LIVE_PROVIDERS } from '../sources/providers/providers.ts'

type Named = 'base' | 'rpc' | 'rpcRate' | 'providers' | 'mints' | 'arbitrage' | 'solPrice'
/** Flags of discover that say whom it asks, and with what. */
export type ProviderFlags = Partial<Pick<Values<typeof liveFlags>, Named>> & KeyValues

/**
 * What discover is set to by configuration and environment; its defaults are left out. Throws
 * UsageError where they do not hold.
 */
export async function discoverSettings(
  registry: Registry,
  { env, config, home }: { env: Environment; config: Config; home: string },
): Promise<ProviderFlags> {
  const { default: command }: { default: Command } = await registry.discover!()
  const given = { flags: new Map<string, string>(), args: [] }
  const flags = allFlags(command.kind, command.flags)
  const { values, origins } = resolve(command, flags, { given, env, config, home })
  const isSet = (key: string): boolean => ['config', 'environment'].includes(origins[key]!)
  return Object.fromEntries(Object.entries(values).filter(([key]) => isSet(key)))
}

/**
 * Providers that somebody has set up: named for discover, or given an address, a key or a node of
 * their own, or meant by --mints, --arbitrage or --sol-price. Nobody else is asked anything.
 */
export function configuredProviders(flags: ProviderFlags): Set<string> {
  const { providers, mints, base = [], rpc, arbitrage, solPrice } = flags
  const named = [
    ...(providers ?? (mints === undefined ? [] : FOR_OWN)),
    ...readBases(base).keys(),
    ...LIVE_PROVIDERS.filter(name => keyFile(name, flags) !== undefined),
    ...(rpc === undefined ? [] : ['rpc']),
    ...(arbitrage === undefined ? [] : [jupiter.name]),
    ...(solPrice === undefined ? [] : [solPrice]),
  ]
  return new Set(named)
}
