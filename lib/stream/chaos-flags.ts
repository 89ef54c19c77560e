import { file, num, text, type Values } from '../base/flags.ts'

const share = (doc: string) => num(doc, { default: 0, min: 0, max: 1 })

/** Flags of `chaos`: the probability of each damage per line, and what they are drawn from. */
export const chaosFlags = {
  drop: share('probability that a line is lost'),
  dup: share('probability that a line comes twice'),
  reorder: share('probability that a line changes places with the next'),
  delay: share('probability that a line is held back for up to 100 lines'),
  truncate: share('probability that a line is cut short'),
  garble: share('probability that one character is changed'),
  seed: text('seed of all chances', { default: '1' }),
  record: file(
    'where each line that is lost, cut or changed is kept as it came, with what befell it',
  ),
}
export type ChaosFlags = Values<typeof chaosFlags>
