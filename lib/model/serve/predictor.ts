import type { Prediction } from '../../records/prediction.ts'
import { type Line, mergePart } from '../../stream/line.ts'
import type { Emit, Step } from '../../stream/step.ts'
import type { Scoring } from './scoring.ts'

interface PredictorOptions {
  /**
   * The models for the coming batch, so that a change of models falls between two lines; none while
   * scoring is off.
   */
  lineup(lines: readonly Line[]): readonly Scoring[] | Promise<readonly Scoring[]>
  /** Told of every batch: what its lines got. */
  observe(lines: readonly Line[], found: readonly Found[]): void
  close(): Promise<void>
}

/** The parts that a line gets; undefined where no model concerns it. */
type Found = Record<'prediction' | 'shadow', Prediction | undefined>

/**
 * Adds `prediction.<model>` (and `shadow.<model>`) to every line that carries a set of a model.
 * Waiting lines are scored together; what a line gets does not depend on its neighbours. Warm lines
 * are passed on unscored.
 */
export function makePredictor({ lineup, observe, close }: PredictorOptions): Step {
  return {
    async batch(lines: Line[], emit: Emit) {
      const models = await lineup(lines)
      const answers = await allOf(models.map(model => model.score(lines)))
      const found = lines.map((_, i) => gather(models, answers, i))
      lines.forEach((line, i) => {
        const { prediction, shadow } = found[i]!
        if (prediction !== undefined) mergePart(line, 'prediction', prediction)
        if (shadow !== undefined) mergePart(line, 'shadow', shadow)
        emit(line)
      })
      observe(lines, found)
    },
    close,
  }
}

/** Waits for every model also when one fails: sessions must be idle before they are released. */
async function allOf<T>(all: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(all)
  const failed = settled.find(each => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return settled.map(each => (each as PromiseFulfilledResult<T>).value)
}

/** The answers for line `i`, in the order of the models whatever order they came in. */
function gather(
  models: readonly Scoring[],
  answers: readonly (readonly (object | undefined)[])[],
  i: number,
): Found {
  const found: Found = { prediction: undefined, shadow: undefined }
  models.forEach(({ part, bundle }, m) => {
    const answer = answers[m]?.[i]
    if (answer === undefined) return
    found[part] ??= {}
    ;(found[part] as Prediction)[bundle.name] = answer
  })
  return found
}
