import type { ModelPrediction, Prediction } from '../records/prediction.ts'
import type { Rec } from '../records/record.ts'
import { type Line, mergePart } from '../stream/line.ts'
import type { Emit, Step } from '../stream/step.ts'
import type { Bundle } from './bundle.ts'
import { makeDistance } from './distance.ts'
import { makeHeadWriter } from './heads.ts'
import { makeBatchReader } from './input.ts'
import type { Session } from './session.ts'

/** A bundle with its open session, and the part that its predictions go to. */
export interface Scorer {
  bundle: Bundle
  session: Session
  part: 'prediction' | 'shadow'
}

export interface PredictorOptions {
  scorers: readonly Scorer[]
  /** Whether another hash of a set still holds a model's features in the same versions. */
  isCurrent(set: string, hash: string): boolean
  count(what: string, by?: number): void
}

/**
 * Adds `prediction.<model>` (and `shadow.<model>`) to every line that carries a set of a model. Waiting lines are scored
 * together, one call per model; what a line gets does not depend on its neighbours. Warm lines are passed on unscored.
 */
export function makePredictor({ scorers, isCurrent, count }: PredictorOptions): Step {
  const models = scorers.map(scorer => makeModel(scorer, isCurrent))
  return {
    async batch(lines: Line[], emit: Emit) {
      const found = lines.map(() => ({ prediction: undefined, shadow: undefined }) as Found)
      for (const model of models) await model.score(lines, found)
      lines.forEach((line, i) => {
        const { prediction, shadow } = found[i] as Found
        if (prediction !== undefined) mergePart(line, 'prediction', prediction)
        if (shadow !== undefined) mergePart(line, 'shadow', shadow)
        for (const each of Object.values(prediction ?? {})) count(each.error === undefined ? 'scored' : each.error)
        emit(line)
      })
    },
    async close() {
      for (const { session } of scorers) await session.release()
    },
  }
}

type Found = Record<'prediction' | 'shadow', Prediction | undefined>

interface Model {
  score(lines: readonly Line[], found: readonly Found[]): Promise<void>
}

function makeModel({ bundle, session, part }: Scorer, isCurrent: PredictorOptions['isCurrent']): Model {
  const reader = makeBatchReader(bundle.inputs, isCurrent)
  const write = makeHeadWriter(bundle)
  // A sequence model says how much of its answer rests on guesses; the small tabular ones are read by the thousand.
  const explain = bundle.kind === 'sequence' ? makeExplainer(bundle) : undefined
  const hasSets = (rec: Rec): boolean => {
    const { features } = rec
    return features !== undefined && rec.warm !== true && reader.sets.every(set => features[set] !== undefined)
  }
  const put = (at: Found, prediction: ModelPrediction): void => {
    at[part] = { ...at[part], [bundle.name]: prediction }
  }
  return {
    async score(lines, found) {
      const scored: { at: Found; unknown: string[] }[] = []
      lines.forEach(({ rec }, i) => {
        if (!hasSets(rec)) return
        const at = found[i] as Found
        const added = reader.add(rec)
        if ('error' in added) put(at, { ...added })
        else scored.push({ at, unknown: added.unknown })
      })
      if (scored.length === 0) return
      const feeds = reader.take()
      const outputs = await session.run(feeds, scored.length)
      scored.forEach(({ at, unknown }, row) => {
        const prediction = write(outputs, row)
        explain?.(prediction, feeds[0]?.data as Float32Array, row, unknown)
        put(at, prediction)
      })
    },
  }
}

type Explain = (prediction: ModelPrediction, rows: Float32Array, row: number, unknown: string[]) => void

function makeExplainer({ distribution, inputs }: Bundle): Explain {
  const distance = distribution === undefined ? undefined : makeDistance(distribution)
  const width = inputs[0]?.features?.length ?? 0
  return (prediction, rows, row, unknown) => {
    if (prediction.error !== undefined) return
    if (distance !== undefined) prediction.outOfDistribution = distance(rows.subarray(row * width, (row + 1) * width))
    prediction.imputed = unknown
  }
}
