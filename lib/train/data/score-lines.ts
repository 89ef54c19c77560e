import { openBytes } from '../../base/bytes.ts'
import { DataError } from '../../base/errors.ts'
import { isCurrentHash } from '../../model/bundle.ts'
import type { LoadedBundle } from '../../model/files.ts'
import { type BatchReader, makeBatchReader } from '../../model/input.ts'
import { rowHash } from '../../model/seen-rows.ts'
import { openSession, type Session } from '../../onnx/session.ts'
import type { Rec } from '../../records/record.ts'
import { makeIntake } from '../../stream/intake.ts'
import { readLines } from '../../stream/reader.ts'

/** Columns beside the features, by name: of the label part of a line, else of the line itself. */
export interface Beside {
  label: string
  group: string | undefined
  /** What stands before the decimals of a number that is text. */
  decimal?: ',' | '.'
}

/** What a model says about each row that has a label. */
export interface Scored {
  words: string[]
  groups: string[] | undefined
  /** Numbers of the head's output, `width` per row. */
  values: Float64Array
  /** Per row why the model could not score it; absent for those it could. */
  unscored: Map<number, string>
  /** Hashes of the content of the scored rows (rowHash), by the first input of the model. */
  hashes: number[]
}

/** A head's output and how many numbers it has per row. */
export interface Wanted {
  output: string
  width: number
}

const BATCH = 256

/**
 * Whether the first line of a file is a record with features, which every kind of model can read.
 */
export async function holdsFeatureLines(path: string): Promise<boolean> {
  if (!/\.(ndjson|jsonl)(\.gz|\.zst)?$/.test(path)) return false
  const stop = new AbortController()
  for await (const batch of linesOf(path, stop.signal)) {
    stop.abort()
    return batch[0]?.rec.features !== undefined
  }
  return false
}

const linesOf = (path: string, signal: AbortSignal) =>
  readLines(
    openBytes(path, signal),
    makeIntake(['features'], { skip: false, max: 0, reject() {} }, path),
  )

/**
 * Runs a model on the lines of a file that have a label, as predict would. Throws DataError for
 * lines that are no records.
 */
export async function scoreLines(
  path: string,
  { bundle, model }: LoadedBundle,
  { output, width }: Wanted,
  beside: Beside,
): Promise<Scored> {
  const session = await openSession(model, bundle.model.minBatch)
  const reader = makeBatchReader(bundle.inputs, isCurrentHash)
  const scored: Scored = {
    words: [],
    groups: beside.group === undefined ? undefined : [],
    values: new Float64Array(),
    unscored: new Map(),
    hashes: [],
  }
  const values: number[] = []
  let waiting: number[] = []
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    const said = await runBatch(session, reader, output)
    waiting.forEach((row, k) => {
      for (let c = 0; c < width; c++) values[row * width + c] = said[k * width + c]!
    })
    waiting = []
  }
  try {
    for await (const batch of linesOf(path, new AbortController().signal)) {
      for (const { rec } of batch) {
        const word = wordOf(rec, beside.label)
        if (word === undefined) continue
        const row = scored.words.push(word) - 1
        scored.groups?.push(wordOf(rec, beside.group!) ?? '')
        for (let c = 0; c < width; c++) values.push(Number.NaN)
        const reason = addLine(reader, rec)
        if (reason === undefined) {
          waiting.push(row)
          scored.hashes.push(rowHash(reader.numbers(reader.rows() - 1)))
        } else scored.unscored.set(row, reason)
        if (waiting.length === BATCH) await flush()
      }
    }
    await flush()
  } finally {
    await session.release()
  }
  if (scored.words.length === 0)
    throw new DataError(`${path}: no line has it`, { field: beside.label })
  return { ...scored, values: Float64Array.from(values) }
}

async function runBatch(
  session: Session,
  reader: BatchReader,
  output: string,
): Promise<Float32Array> {
  const rows = reader.rows()
  return (await session.run(reader.take(), rows)).get(output)!
}

function addLine(reader: BatchReader, rec: Rec): string | undefined {
  const missing = reader.sets.find(
    set => (rec.features as Record<string, unknown> | undefined)?.[set] === undefined,
  )
  if (missing !== undefined) return `no features.${missing}`
  const added = reader.add(rec)
  return 'error' in added ? added.reason : undefined
}

function wordOf(rec: Rec, name: string): string | undefined {
  const label = rec.label as Record<string, unknown> | undefined
  const value = label?.[name] ?? (rec as unknown as Record<string, unknown>)[name]
  return value === undefined || value === null || typeof value === 'object'
    ? undefined
    : String(value)
}
