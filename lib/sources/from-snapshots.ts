import { UsageError } from '../base/errors.ts'
import { timeRuleOf, writingFlags } from '../table/time-flags.ts'
import { snapshotFlags } from './snapshots/snapshot-flags.ts'
import { sourceKind, speed, tick } from './source.ts'

const { timeFormat, timeZone } = writingFlags

/** Market lines of tables that bots keep of their pools. */
export const fromSnapshots = sourceKind({
  name: 'snapshots',
  summary: 'market lines of a table of pool snapshots',
  gives: ['market', 'tick'],
  needs:
    '--table: an SQLite file (recognised by its content), CSV, NDJSON or Parquet with a row per ' +
    'pool and time; what its columns are is in --map, or clear from their names',
  flags: {
    ...snapshotFlags,
    timeFormat,
    timeZone,
    tick,
    speed,
  },
  hasFiles: false,
  async make(ctx) {
    const { table, map, sql, dryRun = false, tick: every } = ctx.flags
    if (table === undefined) throw new UsageError('--source snapshots needs --table FILE')
    const { openSnapshots } = await import('./snapshots/snapshot-source.ts')
    const { isDeferring, time, count, log } = ctx
    return openSnapshots({
      table,
      map,
      sql,
      dryRun,
      rule: timeRuleOf(ctx.flags),
      tick: every,
      intake: ctx.intake(table),
      isDeferring,
      time,
      count,
      warn: log.warn,
      say: log.info,
    })
  },
})
