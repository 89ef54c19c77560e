import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../base/atomic-write.ts'
import { DataError } from '../base/errors.ts'
import type { SavedTime } from '../stream/event-time.ts'
import type { FeatureStep } from './features-step.ts'
import type { FeatureFamily } from './kit/family.ts'
import { makePlayer, makeRecorder, type Recorded } from './kit/state-tape.ts'
import { FAMILIES, type OurOptions, setsOf } from './sets.ts'

/** Raised whenever what a tape holds changes. */
const VERSION = 4
const FILE = 'features.ndjson'

/** What must be the same for a saved state to be of use, and where it ends. */
interface Head extends SeenLines {
  version: number
  /** Hash per set, and every flag that the state depends on. */
  config: string
}

/** Where a saved state ends. */
interface SeenLines {
  /** Id of the last line that the state has seen. */
  lastId: string
  /** What the judge of event time knew then. */
  time: SavedTime
}

/** What a state depends on besides the lines. */
type StateConfig = Pick<
  OurOptions,
  'sets' | 'every' | 'garch' | 'smartRanking' | 'whale' | 'whaleUsd' | 'whaleShare'
> & { smartWallets: ReadonlySet<string> | undefined }

/** Fingerprint of everything that the state depends on besides the lines. */
export function configOf(
  { sets, every, smartWallets, smartRanking, garch, ...whales }: StateConfig,
  families: readonly FeatureFamily[] = FAMILIES,
): string {
  const list = [...(smartWallets ?? [])].sort().join('\n')
  const wallets =
    smartWallets === undefined ? '0' : createHash('sha256').update(list).digest('hex').slice(0, 12)
  const hashes = new Map(setsOf(families).map(({ name, hash }) => [name, hash]))
  const { whale, whaleUsd, whaleShare } = whales
  return [
    [...sets].sort().map(name => `${name}:${hashes.get(name)}`),
    `every:${every}`,
    `wallets:${smartRanking === undefined ? wallets : `best ${smartRanking}`}`,
    ...(garch === undefined ? [] : [`garch:${Object.values(garch).join(',')}`]),
    ...(sets.includes('whales') ? [`whales:${whale},${whaleUsd},${whaleShare}`] : []),
  ].join(' ')
}

/**
 * Writes the state of all tokens to DIR, one line each between a head and a foot with their number.
 * Written beside the old one, synced, then renamed: whatever happens, DIR holds a whole state.
 */
export function saveState(dir: string, step: FeatureStep, config: string, seen: SeenLines): void {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, FILE)
  const file = openSync(`${path}.tmp`, 'w', 0o600)
  try {
    const head: Head = { version: VERSION, config, ...seen }
    writeLine(file, head)
    let tokens = 0
    for (const [key, visit] of step.tokens()) {
      const recorder = makeRecorder()
      visit(recorder)
      writeLine(file, { key, ...recorder.recorded() })
      tokens++
    }
    writeLine(file, { tokens })
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
  syncFolder(dir)
}

function writeLine(file: number, value: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/**
 * Renames a state that an older version of this program has left in DIR, and says so: what it holds
 * cannot be read any more, features are absent until they are warm again.
 */
export function setAsideOlder(dir: string, warn: (text: string) => void): void {
  const path = join(dir, FILE)
  if (!existsSync(path)) return
  const [first = ''] = readFileSync(path, 'utf8').split('\n', 1)
  const { version } = parse<Partial<Head>>(first, path)
  if (typeof version !== 'number' || version >= VERSION) return
  const aside = `${path}.v${version}`
  renameSync(path, aside)
  syncFolder(dir)
  warn(`${path} is of an older version: set aside as ${aside}; features begin anew`)
}

/**
 * Restores the state of DIR into a fresh step; gives what is known of the last line it has seen,
 * undefined when there is none. Throws a DataError when it is torn, of another version or of other
 * flags: a wrong state is worse than none.
 */
export function loadState(dir: string, step: FeatureStep, config: string): SeenLines | undefined {
  const path = join(dir, FILE)
  if (!existsSync(path)) return undefined
  const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n')
  const head = parse<Head>(first, path)
  if (head.version !== VERSION)
    throw refusal(path, `expected version ${VERSION}, got ${head.version}`)
  if (head.config !== config) throw refusal(path, 'it was made with other sets or flags')
  const foot = parse<{ tokens: number }>(rest.at(-2) ?? '', path)
  const tokens = rest.slice(0, -2)
  if (foot.tokens !== tokens.length) throw refusal(path, 'it is incomplete')
  for (const line of tokens) {
    const { key, ...recorded } = parse<{ key: string } & Recorded>(line, path)
    const player = makePlayer(recorded)
    try {
      step.restoring(key)(player)
    } catch (cause) {
      throw refusal(path, (cause as Error).message)
    }
    if (!player.isAtEnd()) throw refusal(path, 'it holds more than this version reads')
  }
  return head
}

function parse<T>(line: string, path: string): T {
  try {
    return JSON.parse(line) as T
  } catch (cause) {
    throw refusal(path, `it is torn (${(cause as Error).message})`)
  }
}

const refusal = (path: string, why: string): DataError =>
  new DataError(`${why}; delete the file to start without state`, { field: path })
