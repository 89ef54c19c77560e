import { bool, duration, type Values } from '../../base/flags.ts'
import { models } from '../../model/models-flag.ts'

/** Flags of `status`. */
export const statusFlags = {
  models,
  maxLag: duration('event time that the freshest journal may be behind', { default: '15m' }),
  accuracy: bool('instead: how often each model was right, by week, age of the token and regime'),
  json: bool('NDJSON on a terminal too'),
  check: bool('exit 1 when something is wrong'),
}
export type StatusFlags = Values<typeof statusFlags>
