import { candles, closing, intakeOf, order, sourceKind, speed } from './source.ts'

/** Recorded lines, byte for byte. */
export const fromReplay = sourceKind({
  name: 'replay',
  summary: 'recorded lines, byte for byte',
  gives: ['any'],
  needs: 'NDJSON files, plain, .gz or .zst (.zst from Node 22.15), or - for stdin',
  flags: { order, speed, candles },
  hasFiles: true,
  async make(ctx) {
    const { openReplay } = await import('./replay.ts')
    const { candles: length, order: by = 'file' } = ctx.flags
    const source = await openReplay({
      paths: ctx.args,
      order: by,
      intake: intakeOf(ctx),
      makeTime: ctx.makeTime,
    })
    return length === undefined ? source : closing(source, length, ctx)
  },
})
