import type { Output } from '../../base/console.ts'
import { Negative } from '../../base/errors.ts'
import type { SyncFlags } from '../../store/tables/sync-flags.ts'
import { encode } from '../../stream/encode.ts'
import { diskItems } from './disk.ts'
import type { Item } from './item.ts'
import { databaseItems, journalItems, pipelineItems, switchItems } from './kept.ts'
import { modelItems } from './models.ts'
import { alertItems, positionItems } from './money.ts'
import { orderItems } from './orders.ts'
import type { StatusFlags } from './status-flags.ts'

interface StatusOptions extends Omit<StatusFlags, 'json' | 'accuracy'> {
  home: string
  now: number
  /** Days of a journal that sync keeps. */
  retain: SyncFlags['retain']
  /** A screen for people instead of NDJSON. */
  isScreen: boolean
}

/** Looks at everything and prints it. Throws Negative with `check` when something is wrong. */
export async function runStatus(options: StatusOptions, out: Output): Promise<void> {
  const { home, models, now, maxLag } = options
  const items = [
    ...switchItems(home),
    ...pipelineItems(home, now),
    ...journalItems(home, now, maxLag),
    ...databaseItems(home, now),
    ...diskItems(home, options.retain),
    ...(await modelItems(home, models, now)),
    ...positionItems(home, now),
    ...orderItems(home, now),
    ...alertItems(home, now),
  ]
  if (options.isScreen) await out.write(screen(items))
  else for (const item of items) await out.write(`${encode(item)}\n`)
  const wrong = items.filter(({ level }) => level === 'error')
  if (options.check && wrong.length > 0) {
    throw new Negative(
      `${wrong.length} wrong: ${wrong.map(({ what, name }) => `${what} ${name}`).join(', ')}`,
    )
  }
}

const MARKS = { ok: ' ', warn: '!', error: '✗' } as const

/** Columns: mark, what (once per block), name, text; cut to 120 characters. */
function screen(items: readonly Item[]): string {
  const width = Math.min(24, Math.max(...items.map(({ name }) => name.length)))
  const lines = items.map(({ what, name, level, text }, i) => {
    const word = items[i - 1]?.what === what ? '' : what
    const short = name.length > width ? `${name.slice(0, width - 1)}…` : name
    return `${MARKS[level]} ${word.padEnd(9)} ${short.padEnd(width)}  ${text}`
      .slice(0, 120)
      .trimEnd()
  })
  return `${lines.join('\n')}\n`
}
