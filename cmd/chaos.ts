import { file, num, text } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

const share = (doc: string) => num(doc, { default: 0, min: 0, max: 1 })

export default step({
  name: 'chaos',
  summary: 'Damage a stream on purpose, to see what the rest of a pipeline does',
  details:
    'Each line may be lost, doubled, swapped, held back, cut or garbled, with the given ' +
    'probability. For tests and drills.',
  reads: [],
  writes: [],
  flags: {
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
  },
  examples: ['chaos --drop 0.01 --dup 0.01 --seed 7 < recording.ndjson'],
  exempt: { fusion: 'it damages bytes on purpose, and steps of a fused run exchange records' },
  async make(ctx) {
    const { makeChaos } = await import('../lib/stream/chaos.ts')
    const { appendFileSync } = await import('node:fs')
    const { record, ...chances } = ctx.flags
    const lost = (what: string, { no, raw }: { no: number; raw: string }): void => {
      if (record !== undefined)
        appendFileSync(record, `${JSON.stringify({ what, line: no, raw })}\n`)
    }
    return makeChaos({ ...chances, count: what => ctx.count(what), lost })
  },
})
