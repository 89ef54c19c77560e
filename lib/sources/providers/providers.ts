import { birdeye } from './birdeye.ts'
import { dexscreener } from './dexscreener.ts'
import { geckoterminal } from './geckoterminal.ts'
import { jupiter } from './jupiter.ts'
import type { Provider } from './provider.ts'
import { PUMPPORTAL } from './pumpportal.ts'
import { raydium } from './raydium.ts'
import { rugcheck } from './rugcheck.ts'

/** Providers that are asked over HTTP, the most trusted for facts first. The only list. */
export const PROVIDERS: readonly Provider[] = [
  rugcheck,
  birdeye,
  jupiter,
  raydium,
  geckoterminal,
  dexscreener,
]

/** Names of providers: the node, those that are asked over HTTP, and the socket. */
export const LIVE_PROVIDERS: readonly string[] = [
  'rpc',
  ...PROVIDERS.map(({ name }) => name),
  PUMPPORTAL.name,
]
