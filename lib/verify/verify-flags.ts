import { file, int, text, type Values } from '../base/flags.ts'

/** The flags of verify. */
export const VERIFY_FLAGS = {
  on: file('recording to run on (prefix, plugin)'),
  cuts: int('places at which to cut', { default: 20, min: 1, max: 10_000 }),
  seed: text('seed of the places', { default: 'verify' }),
  from: int('first line to compare; earlier ones only build up state (served)', {
    default: 1,
    min: 1,
  }),
}

export type VerifyFlags = Values<typeof VERIFY_FLAGS>
