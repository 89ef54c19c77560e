import { checkFiles, openBytes } from '../../base/bytes.ts'
import { DataError, TemporaryError, UsageError } from '../../base/errors.ts'
import type { FeatureSet } from '../../records/features.ts'
import type { Label } from '../../records/label.ts'
import type { Rec } from '../../records/record.ts'
import { takeLock } from '../../store/hold.ts'
import { makeIntake } from '../../stream/intake.ts'
import { readLines } from '../../stream/reader.ts'
import type { Bundle } from '../bundle.ts'
import { isCurrentHash } from '../bundle.ts'
import { readManifest } from '../files.ts'
import { type InputReader, makeInputReader } from '../input.ts'
import { byLabelTime } from '../online/online.ts'
import { type LabelledRow, type Online, openOnline } from '../online/online-file.ts'
import { onlineDir } from '../online/online-serving.ts'
import { findVersion, listModels, modelRoots, versionDir } from '../registry.ts'

interface LearnOptions {
  models: string | undefined
  home: string
  signal: AbortSignal
  warn(text: string): void
  /** Learn labels as they come, until the input ends: told is what each lot of them did. */
  follow?: (row: Record<string, unknown>) => Promise<void>
}

type Truth = (label: Label) => boolean | undefined

/** What of a label each kind of model is about, when it does not say that it learned another. */
const USUAL = { moon: 'willMoon', rug: 'willRug' } as const
const LABELS = ['profitable', 'rug', 'willMoon', 'willRug', 'success'] as const

/** The online model learns the label that its foundation learned, at the same horizon. */
function truthOf({ kind, data }: Bundle): Truth | undefined {
  if (kind !== 'moon' && kind !== 'rug') return undefined
  const name = LABELS.find(label => label === data.label) ?? USUAL[kind]
  // Labels of snapshots come at one horizon; a rug of a day is another than one of an hour.
  let horizon = data.horizon
  return label => {
    const said = label[name]
    if (said === undefined) return undefined
    horizon ??= label.horizon
    if (label.horizon !== horizon && data.horizon === undefined)
      throw new DataError(
        `${name} of ${horizon} and of ${label.horizon} in one file: give the labels of one horizon`,
        { field: 'label.horizon' },
      )
    return label.horizon === horizon ? said : undefined
  }
}

/**
 * Teaches the online model beside a foundation from labels: lines of `label --with
 * features,prediction`, in which that version made a prediction. What was learned before is passed
 * over, so the same file can be given again; rows out of order are put in order of availableAt
 * first, and what is older than the state is told. With `follow` they are learned as they come.
 * Returns counts. Throws UsageError for models that have none, TemporaryError while another process
 * teaches it, or once another version is in production.
 */
export async function learnOnline(
  wanted: string,
  path: string,
  options: LearnOptions,
): Promise<Record<string, unknown>> {
  const { entry, version } = findVersion(
    listModels(modelRoots(options.models, options.home)),
    wanted,
  )
  const bundle = readManifest(versionDir(entry, version))
  const truth = truthOf(bundle)
  if (truth === undefined)
    throw new UsageError(
      `${entry.name} is of kind ${bundle.kind}; only moon and rug have an online model`,
    )
  await checkFiles([path])
  const dir = onlineDir(options.home, bundle)
  const lock = takeLock(dir, 'learn')
  try {
    const online = openOnline(dir, bundle)
    const rowOf = makeRowReader(bundle, truth)
    const total = {
      name: bundle.name,
      version,
      lines: 0,
      rows: 0,
      learned: 0,
      repeated: 0,
      late: 0,
      reordered: 0,
    }
    const isVersion = wanted.includes('@')
    if (options.follow !== undefined)
      await followRows(path, rowOf, { ...options, follow: options.follow }, lot => {
        const now = findVersion(listModels(modelRoots(options.models, options.home)), wanted)
        if (!isVersion && now.version !== version)
          throw new TemporaryError(`${now.version} is in production now: start again to teach it`)
        const { learned } = take(online, lot, total, true)
        return learned > 0 ? { ...total, ...statusOf(online) } : undefined
      })
    else {
      const rows = await readRows(path, rowOf, total, options.signal)
      for (let i = 0; i < rows.length; i += CHUNK) take(online, rows.slice(i, i + CHUNK), total)
    }
    tellOrder(total, options.warn)
    return { ...total, ...statusOf(online) }
  } finally {
    lock.release()
  }
}

type Total = Record<'lines' | 'rows' | 'learned' | 'repeated' | 'late' | 'reordered', number>

function take(online: Online, rows: readonly LabelledRow[], total: Total, isLive = false) {
  const taken = online.learn(rows, isLive)
  total.learned += taken.learned
  total.repeated += taken.repeated
  total.late += taken.late
  return taken
}

/** Longest that a label waits for others that come with it. */
const LOT_MS = 1000

/**
 * Learns rows as they come, those of a second together, so that a label is learned within moments
 * of its line. A look at each lot may end it.
 */
async function followRows(
  path: string,
  rowOf: (rec: Rec) => LabelledRow | undefined,
  options: LearnOptions & { follow: NonNullable<LearnOptions['follow']> },
  learn: (lot: readonly LabelledRow[]) => Record<string, unknown> | undefined,
): Promise<void> {
  const policy = { skip: false, max: 0, reject() {} }
  const intake = makeIntake(['features', 'prediction', 'label'], policy, path === '-' ? '' : path)
  const batches = readLines(openBytes(path, options.signal), intake)
  let lot: LabelledRow[] = []
  const flush = async (): Promise<void> => {
    const rows = lot
    lot = []
    const told = rows.length === 0 ? undefined : learn(rows)
    if (told !== undefined) await options.follow(told)
  }
  let fail: (error: unknown) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  failure.catch(() => {}) // Told by the race below, unless the input ends first.
  const timer = setInterval(() => void flush().catch(fail), LOT_MS)
  try {
    // A reading that waits for its next line must not hold up what went wrong meanwhile.
    for (;;) {
      const next = await Promise.race([batches.next(), failure])
      if (next.done) break
      for (const { rec } of next.value) {
        const row = rowOf(rec)
        if (row !== undefined) lot.push(row)
      }
    }
    await flush()
  } finally {
    clearInterval(timer)
    void batches.return(undefined)
  }
}

/** All rows of a file in the order in which their labels became known. */
async function readRows(
  path: string,
  rowOf: (rec: Rec) => LabelledRow | undefined,
  total: Total,
  signal: AbortSignal,
): Promise<LabelledRow[]> {
  const rows: LabelledRow[] = []
  const policy = { skip: false, max: 0, reject() {} }
  const intake = makeIntake(['features', 'prediction', 'label'], policy, path === '-' ? '' : path)
  for await (const batch of readLines(openBytes(path, signal), intake)) {
    total.lines += batch.length
    for (const { rec } of batch) {
      const row = rowOf(rec)
      if (row === undefined) continue
      if (row.availableAt < (rows.at(-1)?.availableAt ?? 0)) total.reordered++
      if (rows.push(row) > MOST_ROWS)
        throw new DataError(
          `more than ${MOST_ROWS} labels in one file: split it by time, give the parts in order`,
        )
    }
  }
  total.rows = rows.length
  return rows.sort(byLabelTime)
}

/** Rows of one file held in memory to be put in order, and of one call. */
const MOST_ROWS = 2_000_000
const CHUNK = 256

function tellOrder({ rows, late, reordered }: Total, warn: LearnOptions['warn']): void {
  if (reordered > 0)
    warn(`${reordered} of ${rows} labels stood behind a later one: put in order of availableAt`)
  if (late > 0)
    warn(
      `${late} of ${rows} labels are from before what the model has learned already: ` +
        'they are passed over; to take them in, remove its state and give it all files in order',
    )
}

function statusOf(online: Online): Record<string, unknown> {
  const { learned, ...status } = online.status()
  return { known: learned, ...status }
}

/** Reads a matured row from a label line; undefined for lines that are about something else. */
function makeRowReader(bundle: Bundle, truth: Truth) {
  const reader: InputReader = makeInputReader(bundle.inputs[0]!, isCurrentHash)
  return ({ id, label, prediction, features }: Rec): LabelledRow | undefined => {
    const set = features?.[reader.set] as FeatureSet | undefined
    const said = prediction?.[bundle.name]
    const known = label === undefined ? undefined : truth(label)
    if (
      label === undefined ||
      known === undefined ||
      set === undefined ||
      said?.version !== bundle.version
    )
      return undefined
    const foundation = said.foundation ?? said.p
    const row = new Float32Array(reader.width)
    if (foundation === undefined || reader.fill(set, row, 0, []) !== undefined) return undefined
    return { id, availableAt: label.availableAt, foundation, features: row, label: known }
  }
}
