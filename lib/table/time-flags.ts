import { choice, text, type Values } from '../base/flags.ts'
import type { TimeRule } from './table-time.ts'
import { compilePattern } from './time-pattern.ts'
import { makeZone } from './time-zone.ts'

/** How the numbers and times of a table are written: flags of every command that reads one. */
export const writingFlags = {
  timeFormat: text(
    'how times are written: dmy or mdy for the order of day and month, or a pattern such as ' +
      '%d/%m/%Y %H:%M',
    { value: 'FORMAT' },
  ),
  timeZone: text('zone of times that name none, as Europe/Berlin or +02:00 (default: UTC)', {
    value: 'ZONE',
  }),
  decimal: choice('what stands before the decimals of a number in a text table', [',', '.'], {
    default: '.',
  }),
}

/** How a text table is written, as `readTable` takes it. Throws as `timeRuleOf` does. */
export const writtenOf = (flags: Partial<Values<typeof writingFlags>>) => ({
  rule: timeRuleOf(flags),
  decimal: flags.decimal ?? '.',
})

/** The rule of times that the flags say. Throws a UsageError for a format or zone that is none. */
export function timeRuleOf({
  timeFormat,
  timeZone,
}: Partial<Pick<Values<typeof writingFlags>, 'timeFormat' | 'timeZone'>>): TimeRule {
  const word = timeFormat?.toLowerCase()
  const order = word === 'dmy' || word === 'mdy' ? word : undefined
  return {
    order,
    pattern: timeFormat === undefined || order ? undefined : compilePattern(timeFormat),
    zone: timeZone === undefined ? undefined : makeZone(timeZone),
  }
}
