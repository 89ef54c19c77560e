import { followersOf, type Provider } from '../providers/provider.ts'

const DAY_MS = 86_400_000
/** Bytes of lines as they come from these sources, measured over recordings. */
const BYTES = { market: 760, candle: 430, token: 620, tick: 86 } as const

interface Load {
  mints: number
  providers: readonly Provider[]
  intervalMs: number
  tickMs: number
  historyMs: number
}

interface Estimate {
  /** Calls a day by provider. */
  calls: Record<string, number>
  historyCalls: number
  /** Minutes that history takes at the provider’s limit. */
  historyMinutes: number
  bytesPerDay: number
}

/** What a live day of following tokens costs, all of them being active all day: an upper bound. */
function estimate({ mints, providers, intervalMs, tickMs, historyMs }: Load): Estimate {
  const calls: Record<string, number> = {}
  const add = (name: string, n: number): void => {
    calls[name] = (calls[name] ?? 0) + Math.ceil(n)
  }
  const [followed] = followersOf(providers)
  const priced = providers.find(({ history }) => history !== undefined)
  const { follow } = followed ?? {}
  const looks = follow === undefined ? 0 : DAY_MS / follow.everyMs
  if (follow !== undefined) add(followed?.name ?? '', Math.ceil(mints / follow.batch) * looks)
  if (priced !== undefined) add(priced.name, (mints * DAY_MS) / intervalMs)
  for (const { name, enrich } of providers)
    if (enrich !== undefined)
      add(
        name,
        Math.ceil(mints / enrich.batch) *
          enrich.calls([{ mint: '' }]).length *
          (DAY_MS / enrich.everyMs),
      )
  const { history } = priced ?? {}
  const pages =
    history === undefined || historyMs === 0 ? 0 : Math.ceil(historyMs / intervalMs / history.most)
  const perMinute =
    history?.call({ mint: '', pool: '', intervalMs, before: 0, most: 1 }).limit.perMinute ?? 1
  const bytesPerDay =
    mints * looks * BYTES.market +
    (priced === undefined ? 0 : ((mints * DAY_MS) / intervalMs) * BYTES.candle) +
    mints * 24 * BYTES.token +
    (tickMs === 0 ? 0 : (DAY_MS / tickMs) * BYTES.tick)
  return {
    calls,
    historyCalls: mints * pages,
    historyMinutes: (mints * pages) / perMinute,
    bytesPerDay,
  }
}

/** The estimate in one line for people. */
export function estimateText(load: Load): string {
  const { calls, historyCalls, historyMinutes, bytesPerDay } = estimate(load)
  const perDay = Object.entries(calls).map(([name, n]) => `${name} ${n.toLocaleString('en')}`)
  return (
    `${load.mints} tokens for a day, at most: ${perDay.join(', ')} calls, ` +
    `${(bytesPerDay / 2 ** 20).toFixed(1)} MiB of lines; history first: ${historyCalls} calls, ` +
    `about ${Math.ceil(historyMinutes)} min`
  )
}
