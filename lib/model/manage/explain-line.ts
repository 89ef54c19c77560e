import { checkFiles, openBytes } from '../../base/bytes.ts'
import { DataError, UsageError } from '../../base/errors.ts'
import { openSession } from '../../onnx/session.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import { makeIntake } from '../../stream/intake.ts'
import type { Line } from '../../stream/line.ts'
import { readLines } from '../../stream/reader.ts'
import { type Bundle, isCurrentHash } from '../bundle.ts'
import type { Entry } from '../registry.ts'
import { comparedWith, untold } from '../serve/moved-inputs.ts'
import { openScorer } from '../serve/open-scorer.ts'
import { makeScoring, type Scoring } from '../serve/scoring.ts'

interface ExplainOptions {
  /** Of the line; the first one that the model scores without it. */
  id: string | undefined
  signal: AbortSignal
}

/**
 * What a version says of one line of a file and which inputs moved it, for people. Throws
 * UsageError for a bundle that does not know the centre of its training rows, DataError where no
 * line is scored.
 */
export async function explainLine(
  { entry, version }: { entry: Entry; version: string },
  path: string,
  { id, signal }: ExplainOptions,
): Promise<string> {
  await checkFiles([path])
  const scorer = await openScorer(entry, version, 'prediction', {
    open: (bundle, model) => openSession(model, bundle.model.minBatch),
    maxAgeMs: undefined,
    isOfTable: false,
    now: undefined,
    online: () => undefined,
  })
  const scoring = makeScoring(scorer, {
    isCurrent: isCurrentHash,
    maxBatch: 64,
    cacheRows: 0,
    isExplained: true,
    observe: { ran() {}, cached() {} },
  })
  try {
    const missing = untold(scorer.bundle)
    const [line, prediction] = await firstScored(scoring, path, { id, signal })
    if (prediction.moved === undefined)
      throw new UsageError(`${entry.name}@${version} ${missing ?? 'gave no second answer'}`)
    return textOf(scorer.bundle, line, prediction, missing)
  } finally {
    await scoring.release()
  }
}

async function firstScored(
  scoring: Scoring,
  path: string,
  { id, signal }: ExplainOptions,
): Promise<[Line, ModelPrediction]> {
  const policy = { skip: false, max: 0, reject() {} }
  const intake = makeIntake(['features'], policy, path === '-' ? '' : path)
  let refused: ModelPrediction | undefined
  for await (const batch of readLines(openBytes(path, signal), intake)) {
    for (const line of batch.filter(({ rec }) => id === undefined || rec.id === id)) {
      const [prediction] = await scoring.score([line])
      if (prediction === undefined) continue
      if (prediction.error === undefined) return [line, prediction]
      refused = prediction
    }
  }
  const which = id === undefined ? 'no line' : `no line ${id}`
  const reads = `${path}: ${which} with the features that ${scoring.bundle.name} reads`
  throw new DataError(
    refused === undefined ? reads : `${reads} gets a number: ${refused.error}, ${refused.reason}`,
  )
}

/** Significant digits for people. */
const short = (value: number): string => String(Number(value.toPrecision(4)))

function textOf(
  bundle: Bundle,
  { rec }: Line,
  prediction: ModelPrediction,
  missing: string | undefined,
): string {
  const head = bundle.heads[0]!
  const said = saidOf(head.name, head.labels?.[0] ?? '', prediction)
  const moved = prediction.moved ?? []
  const width = Math.max(5, ...moved.map(({ name }) => name.length))
  const rows = moved.map(({ name, value, change }) => {
    const sign = change > 0 ? '+' : '−'
    const shown = value === undefined ? 'unknown' : short(value)
    return `  ${name.padEnd(width)}  ${shown.padStart(12)}  ${sign}${short(Math.abs(change))}`
  })
  const when = new Date(rec.ts).toISOString()
  return [
    `${bundle.name}@${bundle.version} says ${said} of ${rec.id} (${when}).`,
    rows.length === 0
      ? 'No input moves that: with each of them at its centre, it says the same.'
      : comparedWith(bundle),
    ...rows,
    ...(missing === undefined ? [] : [`${bundle.name} ${missing}.`]),
    ...(rows.length === 0 ? [] : ['What inputs do together is not told; changes need not add up.']),
    '',
  ].join('\n')
}

function saidOf(head: string, label: string, prediction: ModelPrediction): string {
  if (head === 'probabilities') return `${prediction.class} ${short(prediction.confidence!)}`
  if (head === 'change') return `change ${label} ${short(prediction.change![label]!)}`
  return `${head} ${short(prediction[head as 'p']!)}`
}
