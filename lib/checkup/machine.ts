import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf } from '../base/errors.ts'
import { readConfig } from '../cli/config.ts'
import { type Home, homeChoices, passedOver } from '../cli/home.ts'
import { keyFlags } from '../sources/providers/provider.ts'
import { PROVIDERS } from '../sources/providers/providers.ts'
import type { ProbeFlags } from './provider-checks.ts'

/** One thing looked at. */
export interface Finding {
  check: string
  ok: boolean
  text: string
  /** What cannot be run as things are. */
  missingFor?: string[]
}

/** What doctor may use. */
export interface DoctorCtx {
  home: string
  homeFrom: Home['from']
  signal: AbortSignal
  flags: ProbeFlags & { offline: boolean }
}

const HOME_FROM: Record<Home['from'], string> = {
  flag: '--home',
  environment: 'SLUICE_HOME',
  default: 'the XDG data folder',
}

type Check = (ctx: DoctorCtx, commands: readonly string[]) => Promise<string> | string

/** Least free space before a journal refuses to start; see `journal --min-free`. */
const MIN_FREE = 5 * 2 ** 30

/** Every check by name: returns what was found, throws what is wrong and what to do. */
const CHECKS: Record<string, Check> = {
  node() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major < 20 || (major === 20 && minor < 18))
      throw new Error(`Node ${process.versions.node}; 20.18 or later is needed`)
    return `Node ${process.versions.node}${major < 22 ? '; reading .zst needs 22.15' : ''}`
  },
  home({ home, homeFrom: from }) {
    const data = passedOver({ path: home, from })
    if (data !== undefined) throw new Error(homeChoices({ path: home, from }, data))
    const place = nearestExisting(home)
    accessSync(place, constants.W_OK)
    const text = `${home}, from ${HOME_FROM[from]},`
    return existsSync(home) ? `${text} can be written` : `${text} does not exist yet; can be made`
  },
  disk({ home }) {
    const { bavail, bsize } = statfsSync(nearestExisting(home))
    const free = bavail * bsize
    const text = `${(free / 2 ** 30).toFixed(1)} GiB free`
    if (free < MIN_FREE) throw new Error(`${text}; journals stop below 5 GiB`)
    return text
  },
  config({ home }, commands) {
    const sections = Object.keys(readConfig(home, commands))
    return sections.length === 0
      ? 'no config.json: defaults are in force'
      : `config.json sets ${sections.join(', ')}`
  },
  async onnxruntime() {
    const { listSupportedBackends } = await import('onnxruntime-node')
    return `onnxruntime runs models on ${listSupportedBackends()
      .map(({ name }) => name)
      .join(', ')}`
  },
  async duckdb() {
    const { version } = await import('@duckdb/node-api')
    return `DuckDB ${version()}`
  },
}

/** Runs every check in order. A check that throws is a finding, not an error. */
export async function* examine(
  ctx: DoctorCtx,
  commands: readonly string[],
): AsyncGenerator<Finding> {
  for (const [check, look] of Object.entries(CHECKS)) {
    try {
      yield { check, ok: true, text: await look(ctx, commands) }
    } catch (error) {
      yield { check, ok: false, text: messageOf(error) }
    }
  }
  if (!ctx.flags.offline) yield* providers(ctx, commands)
}

async function* providers(
  { home, flags, signal }: DoctorCtx,
  commands: readonly string[],
): AsyncGenerator<Finding> {
  const [{ probeProviders }, { realTime }] = await Promise.all([
    import('./provider-checks.ts'),
    import('../sources/net/timing.ts'),
  ])
  const given = { ...filesOf(readConfig(home, commands).discover ?? {}), ...known(flags) }
  for await (const { provider, ...found } of probeProviders(home, given, realTime, signal))
    yield { check: `provider:${provider}`, ...found }
}

/** Files that discover is configured with. */
const filesOf = (section: Record<string, unknown>): ProbeFlags =>
  Object.fromEntries(
    [...Object.keys(keyFlags(PROVIDERS)), 'rpc']
      .map(name => [name, section[name]])
      .filter(([, value]) => typeof value === 'string'),
  )

const known = <T extends object>(flags: T): Partial<T> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Partial<T>

function nearestExisting(path: string): string {
  const full = resolve(path)
  return existsSync(full) ? full : nearestExisting(dirname(full))
}
