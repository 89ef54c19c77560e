import { kebab } from '../base/flags.ts'
import { keyFlag, type Provider } from './providers/provider.ts'
import { PROVIDERS } from './providers/providers.ts'
import { PUMPPORTAL } from './providers/pumpportal.ts'
import { rpcLimit } from './rpc/client.ts'

/** What each provider of the live source gives, in which units it comes in, and what it needs. */
export function describeProviders(): Record<string, unknown>[] {
  const polled = PROVIDERS.map(({ name, base, summary, gives, units, key, ...can }) => ({
    source: 'live',
    provider: name,
    at: base,
    summary,
    gives,
    units,
    does: Object.keys(limitsOf(can)),
    callsPerMinute: limitsOf(can),
    needs:
      key === undefined
        ? 'nothing'
        : `--${kebab(keyFlag(name))}${key.isNeeded ? '' : ' for more calls'}`,
  }))
  const { name, base, summary, gives, units } = PUMPPORTAL
  const portal = {
    source: 'live',
    provider: name,
    at: base,
    summary,
    gives,
    units,
    does: ['find', 'follow'],
  }
  const rpc = {
    source: 'live',
    provider: 'rpc',
    gives: ['token', 'market', 'trade', 'gap'],
    does: ['find', 'follow', 'enrich'],
    summary:
      'trades of followed pools, new tokens, reserves, authorities and holders from a Solana node',
    units: 'base units, times of the chain',
    callsPerMinute: { '--rpc-rate': rpcLimit().perMinute },
    needs: '--rpc',
  }
  return [rpc, ...polled, { ...portal, needs: '--pumpportal-key for trades' }]
}

/** Calls a minute by what they are for; what a provider cannot do is absent. */
function limitsOf({
  latest,
  follow,
  enrich,
  history,
}: Pick<Provider, 'latest' | 'follow' | 'enrich' | 'history'>): Record<string, number> {
  const one = { mint: '', pool: '', intervalMs: 300_000, before: 0, most: 1 }
  const calls = {
    find: latest?.calls[0],
    follow: follow?.call(['']),
    enrich: enrich?.calls([{ mint: '' }])[0],
    history: history?.call(one),
  }
  return Object.fromEntries(
    Object.entries(calls).flatMap(([what, call]) =>
      call === undefined ? [] : [[what, call.limit.perMinute]],
    ),
  )
}
