import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, UsageError } from '../base/errors.ts'
import type { Bundle } from '../model/bundle.ts'
import { cardText } from '../model/card.ts'
import { readBundle, writeBundle } from '../model/files.ts'
import { checkBundle } from '../model/manage/check-bundle.ts'
import { knownUntil, type TrainerRecipe } from './recipe/recipe.ts'
import { timesIn } from './rows/bundle-rows.ts'
import { type Labelled, readLabelled, scoreRows } from './rows/score-rows.ts'

interface Taken {
  /** Folder that the trainer wrote. */
  from: string
  /** Folder of the new version. */
  to: string
  data: string
  recipe: TrainerRecipe
  /** The version in production, if there is one, then others that are in use. */
  bundles: readonly Bundle[]
}

/**
 * Makes a version of what a trainer wrote, after all that can be known of it: every check of
 * `models check`, that it predicts what production does, until when its rows reach, and that it
 * answers rows of the data. Returns the rows that it is compared on. Throws UsageError for a bundle
 * that is none.
 */
export async function takeBundle({ from, to, data, recipe, bundles }: Taken): Promise<Labelled> {
  if (!existsSync(join(from, 'bundle.json')))
    throw new UsageError('trainer: ended with exit 0 and wrote no bundle.json in BUNDLE_DIR')
  const wrong = (await checkBundle(from)).find(({ ok }) => !ok)
  if (wrong !== undefined) throw new UsageError(`its bundle: ${wrong.check}: ${wrong.reason}`)
  const loaded = readBundle(from)
  const { bundle, model } = loaded
  if (bundles[0] !== undefined) mustPredictTheSame(bundle, bundles[0])
  const labelled = await readLabelled(data, recipe, [...bundles, bundle] as unknown as [
    Bundle,
    ...Bundle[],
  ])
  mustSayUntilWhen(bundle, labelled)
  mustHaveHadThem(bundle, await timesIn(data, recipe))
  await mustAnswer(() => scoreRows(loaded, labelled, Int32Array.of(0, labelled.time.length - 1)))
  // What was checked is written, under a name that no other file of a bundle has.
  const own = { ...bundle, model: { ...bundle.model, file: 'model.onnx' } }
  const card = join(from, 'CARD.md')
  writeBundle(to, own, model, existsSync(card) ? readFileSync(card, 'utf8') : cardText(own))
  return labelled
}

function mustPredictTheSame(bundle: Bundle, production: Bundle): void {
  const [ours, theirs] = [production, bundle].map(({ kind, heads: [head] }) => {
    const labels = [...(head?.labels ?? [])].sort()
    return `${kind}.${head?.name}${labels.length === 0 ? '' : ` of ${labels.join(', ')}`}`
  })
  if (ours !== theirs)
    throw new UsageError(`its bundle: it predicts ${theirs} first, production ${ours}`)
  const gone = production.heads.find(({ name }) => !bundle.heads.some(head => head.name === name))
  if (gone !== undefined)
    throw new UsageError(`its bundle: it has no head ${gone.name}, production has`)
}

/** It is compared on later rows than it has seen: it has to say which these are. */
function mustSayUntilWhen(bundle: Bundle, { time, newest }: Labelled): void {
  const until = knownUntil(bundle)
  const oldest = time.reduce((least, ts) => Math.min(least, ts), Number.POSITIVE_INFINITY)
  if (!Number.isFinite(until))
    throw new UsageError(
      'its bundle: data.parts.train.to is missing: the time of the newest row that it learned ' +
        'from, ms UTC; it is compared on later rows',
    )
  if (until < oldest || until > newest)
    throw new UsageError(
      `its bundle: data.parts reach until ${until}, the data from ${oldest} to ${newest} ms UTC`,
    )
}

/** As many rows as it tells of must be there until then: else it has learned from later ones. */
function mustHaveHadThem(bundle: Bundle, times: Float64Array): void {
  const until = knownUntil(bundle)
  const learned = Object.entries(bundle.data.parts).filter(([part]) => part !== 'test')
  const told = learned.reduce((sum, [, { rows }]) => sum + rows, 0)
  const held = times.filter(time => time <= until).length
  if (told > held)
    throw new UsageError(
      `its bundle: data.parts tell of ${told} rows until ${until}, the data hold ${held} until ` +
        'then: it has learned from later rows, or counts copies',
    )
}

async function mustAnswer(ask: () => Promise<unknown>): Promise<void> {
  await ask().catch(error => {
    throw new UsageError(`its bundle: it does not answer rows of the data: ${messageOf(error)}`)
  })
}
