import { UsageError } from '../../base/errors.ts'
import type { Bundle, Kind } from '../bundle.ts'
import { readManifest } from '../files.ts'
import {
  ALIASES,
  type Alias,
  findVersion,
  listModels,
  type Models,
  modelRoots,
  versionDir,
} from '../registry.ts'
import type { Slot } from './lineup.ts'
import type { PredictFlags } from './predict-flags.ts'

/**
 * The slots that `--model` asks for (every model with a production version when it is absent), and
 * with `shadow` one more for the version on trial of each. Throws UsageError for what there is not.
 */
export function chooseSlots(
  models: Models,
  { model, shadow }: { model: readonly string[] | undefined; shadow: boolean },
): Slot[] {
  const wanted =
    model ??
    [...models.values()].filter(({ aliases }) => aliases.production).map(({ name }) => name)
  const slots = wanted.map(name => slotOf(models, name))
  const twice = slots.find(
    ({ entry }, i) => slots.findIndex(other => other.entry.name === entry.name) < i,
  )
  if (twice)
    throw new UsageError(
      `--model names ${twice.entry.name} twice; a line holds one prediction per model name`,
    )
  const trials = shadow ? slots.filter(({ alias }) => alias !== 'shadow') : []
  // A first version is on trial beside nothing.
  const alone = [...models.values()].filter(
    ({ aliases }) => shadow && model === undefined && !aliases.production && aliases.shadow,
  )
  return [
    ...slots,
    ...[...trials.map(({ entry }) => entry), ...alone].map(entry => {
      const version = entry.aliases.shadow ?? ''
      return { entry, part: 'shadow', alias: 'shadow', version, isOptional: true } as const
    }),
  ]
}

function slotOf(models: Models, wanted: string): Slot {
  const { entry, version } = findVersion(models, wanted)
  const tag = wanted.split('@')[1] ?? 'production'
  const alias = (ALIASES as readonly string[]).includes(tag) ? (tag as Alias) : undefined
  return { entry, part: 'prediction', alias, version, isOptional: false }
}

/**
 * The slots whose models are of none of the kinds left out. Throws UsageError where `--model` names
 * one that is.
 */
export function leaveOut(
  slots: readonly Slot[],
  kindOf: (slot: Slot) => Kind | undefined,
  { model, withoutKinds = [] }: Pick<PredictFlags, 'model' | 'withoutKinds'>,
): Slot[] {
  if (withoutKinds.length === 0) return [...slots]
  const isOut = (slot: Slot): boolean => withoutKinds.includes(kindOf(slot) ?? '')
  const named = model === undefined ? undefined : slots.find(isOut)
  if (named !== undefined)
    throw new UsageError(
      `--model names ${named.entry.name}, which --without-kinds (or ML_…_ENABLED=false) leaves out`,
    )
  // A place for a version on trial is of no kind before there is one.
  const out = new Set(slots.filter(isOut).map(({ entry }) => entry.name))
  return slots.filter(({ entry }) => !out.has(entry.name))
}

/** Looks up the kind of the version in a slot, once for each; unknown where it cannot be read. */
export function makeKindOf(): (slot: Slot) => Kind | undefined {
  const known = new Map<string, Kind>()
  return ({ entry, version }) => {
    const dir = versionDir(entry, version)
    const kind = known.get(dir) ?? kindIn(dir)
    if (kind !== undefined) known.set(dir, kind)
    return kind
  }
}

/** Opening a damaged bundle says what is wrong with it. */
function kindIn(dir: string): Kind | undefined {
  try {
    return readManifest(dir).kind
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}

/** The declaration of a model as `--model` names it. Throws UsageError for what there is not. */
export function manifestOf(wanted: string, given: string | undefined, home: string): Bundle {
  const { entry, version } = findVersion(listModels(modelRoots(given, home)), wanted)
  return readManifest(versionDir(entry, version))
}
