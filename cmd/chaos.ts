import { step } from '../lib/cli/command.ts'
import { chaosFlags } from '../lib/stream/chaos-flags.ts'

export default step({
  name: 'chaos',
  summary: 'Damage a stream on purpose, to see what the rest of a pipeline does',
  details:
    'Each line may be lost, doubled, swapped, held back, cut or garbled, with the given ' +
    'probability. For tests and drills.',
  reads: [],
  writes: [],
  flags: chaosFlags,
  examples: ['chaos --drop 0.01 --dup 0.01 --seed 7 < recording.ndjson'],
  exempt: {
    time: 'it damages lines and reads none',
    fusion: 'it damages bytes on purpose, and steps of a fused run exchange records',
  },
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
