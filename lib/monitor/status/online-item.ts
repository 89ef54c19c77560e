import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { Bundle } from '../../model/bundle.ts'
import { type OnlineStatus, openOnline } from '../../model/online/online-file.ts'
import { onlineDir } from '../../model/online/online-serving.ts'
import { type Item, percent } from './item.ts'

/**
 * The online model beside one in production: what it has learned, whether it takes part and with
 * which share, and its record against the foundation. None where nothing has been learned.
 */
export function onlineItems(home: string, bundle: Bundle): Item[] {
  const dir = onlineDir(home, bundle)
  if (!existsSync(join(dir, 'online.json'))) return []
  const head = { what: 'online', name: bundle.name, version: bundle.version } as const
  try {
    const status = openOnline(dir, bundle).status()
    const { record, ...numbers } = status
    return [{ ...head, level: 'ok', text: textOf(status), ...numbers, ...(record ?? {}) }]
  } catch (error) {
    return [{ ...head, level: 'warn', text: messageOf(error) }]
  }
}

function textOf(status: OnlineStatus): string {
  const { learned, takesPart, labelsUntil, share, judged, rollbacks } = status
  const part = takesPart
    ? `takes part with ${percent(share)}`
    : labelsUntil === undefined
      ? 'takes no part: it has been doing worse than the foundation'
      : `takes part after ${labelsUntil} more`
  const { foundationBrier, onlineBrier, blendBrier } = status
  const score = (value = Number.NaN): string => value.toFixed(4)
  const scores =
    judged === 0
      ? ''
      : `; Brier of the last ${judged}: foundation ${score(foundationBrier)}, online ` +
        `${score(onlineBrier)}, said ${score(blendBrier)}`
  const back = rollbacks === 0 ? '' : `; went back ${rollbacks} times`
  return `${learned} labels learned, ${part}${scores}${back}`
}
