import { statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import type { Bundle } from '../bundle.ts'
import { type Online, openOnline } from './online-file.ts'

/**
 * Folder of the state of an online model, which changes while its bundle never does:
 * `$SLUICE_HOME/online/NAME/VERSION`.
 */
export const onlineDir = (
  home: string,
  { name, version }: Pick<Bundle, 'name' | 'version'>,
): string => join(home, 'online', name, version)

/**
 * The online model beside a foundation, as `models learn` leaves it on disk: looked for anew on
 * each call, unless pinned. Undefined while there is none. Throws UsageError when the state is
 * damaged at the start; later that is told, and what was read before stays in use.
 */
export function watchOnline(
  dir: string,
  bundle: Bundle,
  { isPinned, told, share }: { isPinned: boolean; told(text: string): void; share?: number },
): () => Online | undefined {
  const read = (): Online | undefined =>
    stampOf(dir) === '' ? undefined : openOnline(dir, bundle, share)
  let stamp = stampOf(dir)
  let online = read()
  return () => {
    const now = isPinned ? stamp : stampOf(dir)
    if (now === stamp) return online
    stamp = now
    try {
      online = read()
    } catch (error) {
      told(messageOf(error))
    }
    return online
  }
}

function stampOf(dir: string): string {
  const stat = statSync(join(dir, 'online.json'), { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`
}

/** The prediction with p blended, and its parts; as it was where nothing has been learned. */
export function blended(
  prediction: ModelPrediction,
  online: Online | undefined,
  features: Float32Array,
): ModelPrediction {
  if (online === undefined || prediction.p === undefined) return prediction
  const { version, p: _, ...rest } = prediction
  const blend = online.blend(prediction.p, features)
  return { ...(version === undefined ? {} : { version }), ...blend, ...rest }
}
