import { UsageError } from '../../base/errors.ts'
import { ALIASES, type Alias, type Entry, findVersion } from '../registry.ts'
import type { Slot } from './lineup.ts'

/**
 * The slots that `--model` asks for (every model with a production version when it is absent), and
 * with `shadow` one more for the version on trial of each. Throws UsageError for what there is not.
 */
export function chooseSlots(
  models: Map<string, Entry>,
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
  return [
    ...slots,
    ...trials.map(({ entry }) => {
      const version = entry.aliases.shadow ?? ''
      return { entry, part: 'shadow', alias: 'shadow', version, isOptional: true } as const
    }),
  ]
}

function slotOf(models: Map<string, Entry>, wanted: string): Slot {
  const { entry, version } = findVersion(models, wanted)
  const tag = wanted.split('@')[1] ?? 'production'
  const alias = (ALIASES as readonly string[]).includes(tag) ? (tag as Alias) : undefined
  return { entry, part: 'prediction', alias, version, isOptional: false }
}
