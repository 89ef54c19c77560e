import { dirname } from 'node:path'
import type { Log, Output } from '../../base/console.ts'
import { Negative, UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { appendRow } from '../../store/journal/rows.ts'
import { encode } from '../../stream/encode.ts'
import { cardText } from '../card.ts'
import { bundleLine, readBundle, readManifest } from '../files.ts'
import type { ImportFlags } from '../import/import-flags.ts'
import {
  ALIASES,
  type Alias,
  type Aliases,
  adopt,
  bundleFolder,
  type Change,
  type Entry,
  findVersion,
  listModels,
  type Models,
  modelRoots,
  promoted,
  rolledBack,
  versionDir,
  writeAliases,
} from '../registry.ts'
import { mustBeServable, unservable } from '../servable.ts'
import { verifyBundle } from '../verify.ts'
import type { ModelAction } from './actions.ts'
import { diffBundles } from './diff.ts'
import type { ManageFlags } from './manage-flags.ts'

interface Options extends ImportFlags, ManageFlags {
  models: string | undefined
  home: string
  now(): number
  signal: AbortSignal
  log: Log
}

interface Call {
  models: Models
  options: Options
  out: Output
}

/** All but recipe and calibrate, which the room of learning knows (cmd/models.ts). */
type Managed = Exclude<ModelAction, 'recipe' | 'calibrate'>

const ACTIONS: Record<Managed, (call: Call, args: readonly string[]) => Promise<void>> = {
  list,
  import: importFile,
  show: ({ models, out }, [name]) => out.write(`${encode(manifest(models, name!))}\n`),
  card: ({ models, out }, [name]) => out.write(cardText(manifest(models, name!))),
  verify,
  check,
  explain,
  alias,
  promote,
  rollback,
  diff,
  learn,
}

/**
 * Runs `sluice models ACTION …`, whose words have been checked against the table of actions. Throws
 * UsageError for unknown models and versions.
 */
export async function runModels(
  [name, ...args]: readonly string[],
  options: Options,
  out: Output,
): Promise<void> {
  const models = listModels(modelRoots(options.models, options.home))
  await ACTIONS[name as Managed]({ models, options, out }, args)
}

function manifest(models: Models, name: string) {
  const { entry, version } = findVersion(models, newest(models, name))
  return readManifest(versionDir(entry, version))
}

/** A bare name without production stands for its newest version. */
function newest(models: Models, wanted: string): string {
  const entry = models.get(wanted)
  return entry === undefined || entry.aliases.production
    ? wanted
    : `${wanted}@${entry.versions.at(-1) ?? 'none'}`
}

async function list({ models, out }: Call): Promise<void> {
  for (const entry of models.values()) {
    const { name, versions, aliases } = entry
    for (const version of versions) {
      const dir = versionDir(entry, version)
      const { kind, heads, metrics, model, example } = readManifest(dir)
      const uses = ALIASES.filter(alias => aliases[alias] === version)
      const auc = metrics.find(metric => metric.part === 'test' && metric.name === 'auc')
      const row = {
        name,
        version,
        kind,
        heads: heads.map(head => head.name),
        uses,
        bytes: model.bytes,
        dir: dirname(dir),
      }
      const tested = auc && { auc: auc.value, aucLow: auc.low, aucHigh: auc.high }
      const isExample = example === undefined ? {} : { example: true }
      await out.write(`${encode({ ...row, ...tested, ...isExample })}\n`)
    }
  }
}

async function importFile({ options, out }: Call, [file]: readonly string[]): Promise<void> {
  const { importModel } = await import('../import/run-import.ts')
  const dir = options.out === undefined ? undefined : bundleFolder(options.out, options.home)
  const bundle = await importModel(file!, { ...options, out: dir })
  for (const note of bundle.notes) options.log.info(note)
  await out.write(bundleLine(bundle, dir))
}

async function verify({ models, out }: Call, [wanted]: readonly string[]): Promise<void> {
  const all =
    wanted === undefined
      ? [...models.values()].flatMap(({ name, versions }) =>
          versions.map(version => `${name}@${version}`),
        )
      : [newest(models, wanted)]
  const unserved: string[] = []
  for (const each of all) {
    const { entry, version } = findVersion(models, each)
    const loaded = readBundle(versionDir(entry, version))
    const difference = await verifyBundle(loaded)
    const reason = unservable(loaded.bundle)
    const isServed = reason === undefined ? { served: true } : { served: false, reason }
    const row = { name: entry.name, version, verified: true, difference, ...isServed }
    await out.write(`${encode(row)}\n`)
    const isInUse = ['production', 'shadow'].some(use => entry.aliases[use as Alias] === version)
    if (reason !== undefined && (isInUse || wanted !== undefined)) unserved.push(each)
  }
  if (unserved.length > 0)
    throw new Negative(`${unserved.join(', ')}: no line can be scored by it, see reason`)
}

async function check({ out }: Call, [dir]: readonly string[]): Promise<void> {
  const { checkBundle } = await import('./check-bundle.ts')
  const all = await checkBundle(dir!)
  for (const each of all) await out.write(`${encode({ ...each })}\n`)
  const wrong = all.filter(({ ok }) => !ok)
  if (wrong.length > 0)
    throw new UsageError(`${dir}: ${wrong.length} of ${all.length} checks failed`)
}

async function explain({ models, options, out }: Call, [name, file]: readonly string[]) {
  const { explainLine } = await import('./explain-line.ts')
  await out.write(await explainLine(findVersion(models, newest(models, name!)), file!, options))
}

async function alias(call: Call, [wanted, to]: readonly string[]): Promise<void> {
  if (!(ALIASES as readonly string[]).includes(to!))
    throw new UsageError(`alias: ${to} is not one of ${ALIASES.join(', ')}`)
  const { entry, version } = findVersion(call.models, wanted!)
  if (to !== 'previous') mustBeServable(readBundle(versionDir(entry, version)).bundle)
  await change(call, entry, 'alias', { ...entry.aliases, [to as Alias]: version })
}

async function promote(call: Call, [wanted]: readonly string[]): Promise<void> {
  const { entry, version } = findVersion(call.models, wanted!)
  // Else the next start of predict would end with what nobody had noticed until then.
  mustBeServable(readBundle(versionDir(entry, version)).bundle)
  await change(call, entry, 'promote', promoted(entry.aliases, version))
}

async function rollback(call: Call, [name]: readonly string[]): Promise<void> {
  const entry = call.models.get(name!)
  if (entry === undefined)
    throw new UsageError(`no model ${name}${didYouMean(name!, [...call.models.keys()])}`)
  await change(call, entry, 'rollback', rolledBack(entry.aliases))
}

/** Changes aliases of a model; a row of promotions says so before it is done. */
async function change(
  { options, out }: Call,
  entry: Entry,
  action: Change['action'],
  after: Aliases,
): Promise<void> {
  const made: Change = {
    at: options.now(),
    action,
    reason: options.reason,
    before: entry.aliases,
    after,
  }
  const [root] = modelRoots(options.models, options.home)
  const dir = adopt(entry, root!, after)
  appendRow(options.home, 'promotions', rowOf(entry.name, made))
  writeAliases(dir, made)
  await out.write(`${encode({ name: entry.name, ...made })}\n`)
}

/** What stands in promotions of a change by hand: of production, else of the alias that differs. */
function rowOf(model: string, { at, action, reason, before, after }: Change) {
  const alias =
    ALIASES.find(each => before[each] !== after[each] && each !== 'previous') ??
    (action === 'alias' ? 'previous' : 'production')
  const named = alias === 'production' ? 'promote' : alias === 'shadow' ? 'shadow' : 'alias'
  const done = action === 'alias' ? named : action
  const [from, to] = [before[alias], after[alias]]
  return {
    id: `promotion:${model}:${at}:${done}:hand`,
    ts: at,
    model,
    action: done,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    by: 'hand',
    reason: reason.replace(/\p{Cc}/gu, ' ').slice(0, 500),
  }
}

async function diff({ models, out }: Call, [a, b]: readonly string[]): Promise<void> {
  for (const line of diffBundles(manifest(models, a!), manifest(models, b!)))
    await out.write(`${encode(line)}\n`)
}

async function learn({ options, out }: Call, [name, file]: readonly string[]): Promise<void> {
  const { learnOnline } = await import('./run-learn.ts')
  const tell = (row: Record<string, unknown>): Promise<void> => out.write(`${encode(row)}\n`)
  const follow = options.follow ? { follow: tell } : {}
  const { models, home, signal, log } = options
  await tell(await learnOnline(name!, file!, { models, home, signal, warn: log.warn, ...follow }))
}
