import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rec } from '../../../lib/records/record.ts'
import { makeChecker } from '../../../lib/store/sealed/checksum.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'

/** A fresh home folder. */
export const freshHome = (): string => mkdtempSync(join(tmpdir(), 'sluice-store-'))

export const DAY = 86_400_000
/** 2026-11-20T23:00:00Z. */
export const START = Date.UTC(2026, 10, 20, 23)

/** A market line of one pool; `n` makes its id. */
export function market(n: number, ts: number, more: Partial<Rec> = {}): Line {
  return makeLine({
    v: 1,
    id: `market:pool1:${n}`,
    ts,
    kind: 'market',
    mint: 'CAT',
    pool: 'pool1',
    source: 'test',
    market: {
      dex: 'pumpswap',
      priceSol: 1e-7 * (n + 1),
      baseAmount: '206900000000000',
      quoteAmount: '79000000000',
    },
    ...more,
  } as Rec)
}

/** Gives a step one batch and returns what it emitted. */
export function feed(
  step: { batch?: (l: Line[], e: (x: Line) => void) => unknown },
  lines: Line[],
): string[] {
  const out: string[] = []
  step.batch?.(lines, line => out.push(line.raw))
  return out
}

/** Texts of all lines of a source, with a limit for sources that follow. */
export async function collect(
  lines: AsyncIterable<Line[]>,
  limit = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const out: string[] = []
  for await (const batch of lines) {
    out.push(...batch.map(line => line.raw))
    if (out.length >= limit) break
  }
  return out
}

/** The lines of a stored text without their checksums, which must fit each other. */
export function stored(text: string): string[] {
  const checker = makeChecker()
  return text
    .split('\n')
    .slice(0, -1)
    .map(raw => {
      const { text, damage } = checker.take(raw)
      assert.equal(damage, undefined, raw)
      return text
    })
}
