import { kebab } from '../../flags.ts'
import { PROVIDERS } from '../providers/providers.ts'
import { PUMPPORTAL } from '../providers/pumpportal.ts'

/** What each provider of the live source gives, in which units it comes in, and what it needs. */
export function describeProviders(): Record<string, unknown>[] {
  const polled = PROVIDERS.map(({ name, summary, gives, units, key, latest, follow, enrich, history }) => ({
    ...{ source: 'live', provider: name, summary, gives, units },
    does: Object.entries({ find: latest, follow, enrich, history })
      .filter(([, can]) => can !== undefined)
      .map(([what]) => what),
    needs: key === undefined ? 'nothing' : `--${kebab(key.flag)}${key.isNeeded ? '' : ' for more calls'}`,
  }))
  const { name, summary, gives, units } = PUMPPORTAL
  const portal = { source: 'live', provider: name, summary, gives, units, does: ['find'] }
  const rpc = {
    ...{
      source: 'live',
      provider: 'rpc',
      gives: ['token', 'market', 'trade', 'gap'],
      does: ['find', 'follow', 'enrich'],
    },
    summary: 'trades of followed pools, new tokens, reserves, authorities and holders from a Solana node',
    units: 'base units, times of the chain',
    needs: '--rpc',
  }
  return [rpc, ...polled, { ...portal, needs: '--pumpportal-key for trades' }]
}
