import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, UsageError } from '../base/errors.ts'
import type { Registry } from '../cli/command.ts'
import { type Environment, readConfig } from '../cli/config.ts'
import { namesOfOthers, strayName, withOtherNames } from '../cli/env-names.ts'
import { type Home, homeChoices, passedOver } from '../cli/home.ts'
import { listJournals } from '../store/journal/days.ts'
import type { Finding } from './checkup-row.ts'
import type { ProviderFlags } from './configured.ts'

/** What doctor may use. */
interface DoctorCtx {
  home: string
  homeFrom: Home['from']
  env: Environment
  signal: AbortSignal
  flags: ProviderFlags & { offline: boolean }
}

const HOME_FROM: Record<Home['from'], string> = {
  flag: '--home',
  environment: 'SLUICE_HOME',
  default: 'the XDG data folder',
}

interface Check {
  look(ctx: DoctorCtx, commands: readonly string[]): Promise<string> | string
  /** Whether something is in use that cannot work without it (always). */
  isNeeded?(ctx: DoctorCtx): boolean
  missingFor?: readonly string[]
}

/** Least free space before a journal refuses to start; see `journal --min-free`. */
const MIN_FREE = 5 * 2 ** 30

/** Every check by name: `look` returns what was found, throws what is wrong and what to do. */
const CHECKS: Record<string, Check> = {
  node: {
    look() {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
      if (major < 20 || (major === 20 && minor < 18))
        throw new Error(`Node ${process.versions.node}; 20.18 or later is needed`)
      return `Node ${process.versions.node}${major < 22 ? '; reading .zst needs 22.15' : ''}`
    },
  },
  home: {
    look({ home, homeFrom: from }) {
      const data = passedOver({ path: home, from })
      if (data !== undefined) throw new Error(homeChoices({ path: home, from }, data))
      const place = nearestExisting(home)
      accessSync(place, constants.W_OK)
      const text = `${home}, from ${HOME_FROM[from]},`
      return existsSync(home) ? `${text} can be written` : `${text} does not exist yet; can be made`
    },
  },
  disk: {
    look({ home }) {
      const { bavail, bsize } = statfsSync(nearestExisting(home))
      const free = bavail * bsize
      const text = `${(free / 2 ** 30).toFixed(1)} GiB free`
      if (free < MIN_FREE) throw new Error(`${text}; journals stop below 5 GiB`)
      return text
    },
    isNeeded: ({ home }) => listJournals(home).length > 0,
    missingFor: ['journal'],
  },
  config: {
    look({ home }, commands) {
      const sections = Object.keys(readConfig(home, commands))
      return sections.length === 0
        ? 'no config.json: defaults are in force'
        : `config.json sets ${sections.join(', ')}`
    },
  },
  environment: {
    look({ env }) {
      const stray = strayName(env)
      if (stray !== undefined) throw new Error(stray)
      withOtherNames(env)
      const others = namesOfOthers(env)
      return others.length === 0
        ? 'no name is set that has no meaning here'
        : `of other programs, and not read: ${others.join(', ')}`
    },
  },
  onnxruntime: {
    async look() {
      const { listSupportedBackends } = await import('onnxruntime-node')
      const names = listSupportedBackends().map(({ name }) => name)
      return `onnxruntime runs models on ${names.join(', ')}`
    },
    missingFor: ['predict', 'evaluate --model', 'train', 'models import'],
  },
  duckdb: {
    async look() {
      const { version } = await import('@duckdb/node-api')
      return `DuckDB ${version()}`
    },
    missingFor: ['sync', 'query', 'train-export', 'discover on Parquet files'],
  },
}

/** Runs every check in order. A check that throws is a finding, not an error. */
export async function* examine(ctx: DoctorCtx, registry: Registry): AsyncGenerator<Finding> {
  for (const [check, { look, isNeeded, missingFor }] of Object.entries(CHECKS)) {
    const needed = isNeeded?.(ctx) ?? true
    try {
      yield { check, ok: true, needed, text: await look(ctx, Object.keys(registry)) }
    } catch (error) {
      const found = { check, ok: false, needed, text: messageOf(error) }
      yield missingFor === undefined ? found : { ...found, missingFor }
    }
  }
  if (!ctx.flags.offline) yield* providers(ctx, registry)
}

async function* providers(ctx: DoctorCtx, registry: Registry): AsyncGenerator<Finding> {
  const { home, env, flags, signal } = ctx
  const [{ probeProviders }, { discoverSettings }, { realTime }] = await Promise.all([
    import('./provider-checks.ts'),
    import('./configured.ts'),
    import('../sources/net/timing.ts'),
  ])
  try {
    const config = readConfig(home, Object.keys(registry))
    const given = { ...(await discoverSettings(registry, { env, config, home })), ...known(flags) }
    for await (const { provider, ok, ...found } of probeProviders(home, given, realTime, signal))
      yield { check: `provider:${provider}`, ok, needed: found.asked || !ok, ...found }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    yield { check: 'providers', ok: false, needed: true, text: error.message }
  }
}

const known = <T extends object>(flags: T): Partial<T> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Partial<T>

function nearestExisting(path: string): string {
  const full = resolve(path)
  return existsSync(full) ? full : nearestExisting(dirname(full))
}
