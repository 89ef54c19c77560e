import { Failure, messageOf } from '../../base/errors.ts'
import type { GraphInput, Session } from '../../onnx/session.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import type { Rec } from '../../records/record.ts'
import type { Line } from '../../stream/line.ts'
import type { Bundle } from '../bundle.ts'
import { makeHeadWriter } from '../heads.ts'
import { type BatchReader, makeBatchReader } from '../input.ts'
import type { Online } from '../online/online-file.ts'
import { blended } from '../online/online-serving.ts'
import { makeRowCache } from './cache.ts'
import { makeExplainer } from './explain-score.ts'
import { makeMoved } from './moved-inputs.ts'
import { Unanswered } from './workers/job.ts'

/** A bundle with its open session, and the part that its predictions go to. */
export interface Scorer {
  bundle: Bundle
  session: Session
  part: 'prediction' | 'shadow'
  /** Event time after which the model is too old to be asked. */
  expiresAt?: number | undefined
  /** The online model beside it, asked for once per batch. */
  online?: (() => Online | undefined) | undefined
}

interface ScoringOptions {
  /** Whether another hash of a set still holds a model's features in the same versions. */
  isCurrent(set: string, hash: string): boolean
  /** Most rows of one run. */
  maxBatch: number
  /** Most rows remembered; 0 remembers none. */
  cacheRows: number
  /** Whether each prediction names the inputs that moved it (explain-score.ts). */
  isExplained?: boolean
  /** Told of each run, and of rows answered from memory or not. */
  observe: { ran(rows: number): void; cached(hits: number, misses: number): void }
}

/** One model at work. */
export interface Scoring {
  bundle: Bundle
  part: Scorer['part']
  /**
   * What each line gets; undefined where the line does not concern the model. Calls must not
   * overlap.
   */
  score(lines: readonly Line[]): Promise<(ModelPrediction | undefined)[]>
  release(): Promise<void>
}

interface Waiting {
  line: number
  unknown: string[]
}

/**
 * Scores the lines of a batch with one model: those that carry its feature sets, are not warm, and
 * are not answered from the cache run together, at most `maxBatch` rows at once. A run without an
 * answer becomes an error on its lines.
 */
export function makeScoring(scorer: Scorer, options: ScoringOptions): Scoring {
  const { bundle, session } = scorer
  const reader = makeBatchReader(bundle.inputs, options.isCurrent)
  const cache =
    options.cacheRows > 0
      ? makeRowCache<ModelPrediction>(options.cacheRows, reader.widths)
      : undefined
  const say = makeSayer(bundle)
  const findMoved = options.isExplained ? makeMoved(bundle, outputsOf(session)) : undefined
  let online: Online | undefined
  const concerns = (rec: Rec): boolean => {
    const { features } = rec
    return (
      features !== undefined &&
      rec.warm !== true &&
      reader.sets.every(set => features[set] !== undefined)
    )
  }
  const read = (line: Line, at: number, waiting: Waiting[]): ModelPrediction | undefined => {
    if (!concerns(line.rec)) return undefined
    if (isExpired(scorer, line.rec.ts)) return expired(scorer)
    const added = addTested(reader, bundle, line.rec)
    if ('error' in added) return { ...added }
    const answer = cache?.find(reader.bits(), reader.rows() - 1, line.rec.ts)
    if (answer === undefined) {
      waiting.push({ line: at, unknown: added.unknown })
      return undefined
    }
    options.observe.cached(1, 0)
    const prediction = blended(answer, online, reader.numbers(reader.rows() - 1))
    reader.drop()
    return prediction
  }
  return {
    bundle,
    part: scorer.part,
    async score(lines) {
      online = scorer.online?.()
      const waiting: Waiting[] = []
      const found = lines.map((line, at) => read(line, at, waiting))
      if (waiting.length === 0) return found
      if (cache !== undefined) options.observe.cached(0, waiting.length)
      const feeds = reader.take()
      await eachPiece(session, feeds, waiting.length, options, async (piece, from, outputs) => {
        for (let k = 0; k < piece.rows; k++) {
          const { line, unknown } = waiting[from + k]!
          const prediction = say(piece, outputs, k, unknown)
          if (outputs instanceof Map && findMoved !== undefined && prediction.error === undefined)
            Object.assign(prediction, await findMoved(piece.feeds, outputs, k))
          if (prediction.error === undefined)
            cache?.keep(reader.bits(), from + k, lines[line]!.rec.ts, prediction)
          found[line] = blended(prediction, online, reader.numbers(from + k))
        }
      })
      return found
    },
    release: () => session.release(),
  }
}

/** What one row of a run gets. */
function makeSayer(bundle: Bundle) {
  const write = makeHeadWriter(bundle)
  const explain = makeExplainer(bundle)
  return ({ feeds }: Piece, outputs: Answer, row: number, unknown: string[]): ModelPrediction => {
    if (!(outputs instanceof Map)) return { ...outputs, version: bundle.version }
    const prediction = write(outputs, row)
    explain(prediction, { feeds, outputs }, row, unknown)
    return prediction
  }
}

const isExpired = ({ expiresAt }: Scorer, ts: number): boolean =>
  expiresAt !== undefined && ts > expiresAt

const expired = ({ bundle, expiresAt }: Scorer): ModelPrediction => ({
  version: bundle.version,
  error: 'expired',
  reason: `older than --max-model-age since ${new Date(expiresAt!).toISOString()}; train it anew`,
})

/**
 * Takes a line into the batch, unless more of it is unknown than of any row of the test: nothing is
 * known of how well the model does there.
 */
function addTested(reader: BatchReader, { version, mostUnknown }: Bundle, rec: Rec) {
  const added = reader.add(rec)
  if ('error' in added || added.unknown.length <= (mostUnknown ?? Number.POSITIVE_INFINITY))
    return added
  reader.drop()
  const { unknown } = added
  const reason = `${unknown.length} inputs are unknown, on its test at most ${mostUnknown} were`
  return { version, error: 'too-many-unknown', reason, imputed: unknown }
}

interface Piece {
  feeds: readonly GraphInput[]
  rows: number
}

type Answer = Map<string, Float32Array> | { error: string; reason: string }

/**
 * Cuts a batch so that every lane of the session has work, runs the pieces and hands over each
 * answer.
 */
async function eachPiece(
  session: Session,
  feeds: readonly GraphInput[],
  rows: number,
  { maxBatch, observe }: ScoringOptions,
  take: (piece: Piece, from: number, outputs: Answer) => Promise<void>,
): Promise<void> {
  const size = pieceSize(rows, session.lanes, maxBatch)
  const all: Promise<void>[] = []
  for (let from = 0; from < rows; from += size) {
    const piece = pieceOf(feeds, rows, from, Math.min(size, rows - from))
    observe.ran(piece.rows)
    const ran = answerOf(session, piece).then(outputs => take(piece, from, outputs))
    if (session.lanes > 1) all.push(ran)
    else await ran
  }
  await Promise.all(all)
}

/**
 * Equal pieces, as many for each lane as for the others: the last one decides when the batch is
 * done.
 */
function pieceSize(rows: number, lanes: number, maxBatch: number): number {
  const pieces = lanes * Math.ceil(rows / (lanes * maxBatch))
  return Math.min(maxBatch, Math.max(LEAST_PIECE, Math.ceil(rows / pieces)))
}

/** Sharing fewer rows than this between workers costs more than it saves. */
const LEAST_PIECE = 8

function pieceOf(feeds: readonly GraphInput[], rows: number, from: number, count: number): Piece {
  const cut = feeds.map(({ name, data, shape }) => {
    const width = data.length / rows
    return { name, data: data.subarray(from * width, (from + count) * width), shape }
  })
  return { feeds: cut, rows: count }
}

/** The outputs of a run; undefined where there is no answer. */
const outputsOf = (session: Session) => async (feeds: readonly GraphInput[], rows: number) => {
  const answer = await answerOf(session, { feeds, rows })
  return answer instanceof Map ? answer : undefined
}

/** The outputs of a run, or why there are none. What ends the whole command is thrown on. */
async function answerOf(session: Session, { feeds, rows }: Piece): Promise<Answer> {
  try {
    return await session.run(feeds, rows)
  } catch (error) {
    if (error instanceof Failure) throw error
    const reason = messageOf(error)
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, 300)
    return { error: error instanceof Unanswered ? error.error : 'failed', reason }
  }
}
