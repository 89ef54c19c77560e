import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultsOf } from '../../../../lib/base/flags.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { liveSourceFlags } from '../../../../lib/sources/from-live.ts'
import { type LiveCtx, openLive } from '../../../../lib/sources/open-live.ts'
import { LIVE_PROVIDERS } from '../../../../lib/sources/providers/providers.ts'
import { fastTime } from '../../../exchange/time.ts'

export interface Run {
  lines: Rec[]
  counts: Map<string, number>
  said: string[]
}

/** Runs the live source, with its time going `speed` times as fast, until `enough` says so. */
export async function run(
  flags: object,
  enough: (lines: Rec[]) => boolean,
  { speed = 100, timeoutMs = 20_000 } = {},
): Promise<Run> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-live-'))
  const counts = new Map<string, number>()
  const said: string[] = []
  const stop = new AbortController()
  const log = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error: () => undefined,
  }
  // Whoever is not stood in for on the loopback answers nobody: no test leaves the machine.
  const nobody = LIVE_PROVIDERS.map(name => `${name}=http://127.0.0.1:9`)
  const { base = [] } = flags as { base?: string[] }
  const ctx = {
    flags: { ...defaultsOf(liveSourceFlags), ...flags, base: [...nobody, ...base] },
    args: [],
    home,
    env: {},
    log,
    count: (what: string, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by),
  } as never as LiveCtx
  const lines: Rec[] = []
  const timer = setTimeout(() => stop.abort(new Error('too long')), timeoutMs)
  try {
    const source = await openLive(ctx, fastTime(speed))
    for await (const batch of source.lines(stop.signal)) {
      for (const { rec } of batch) lines.push(rec)
      if (enough(lines)) stop.abort(new Error('enough'))
    }
    await source.close?.()
  } finally {
    clearTimeout(timer)
    rmSync(home, { recursive: true, force: true })
  }
  return { lines, counts, said }
}

export const of = (lines: readonly Rec[], kind: string): Rec[] =>
  lines.filter(rec => rec.kind === kind)
