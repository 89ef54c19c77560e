import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sluice } from './proc.ts'

/**
 * The streams that pass between the commands of the main line, made by the commands themselves from
 * the simulator.
 */
export interface Streams {
  /** Text that the command would read in a pipeline. */
  for(command: string): string
  /** The same as a file. */
  file(command: string): string
  /** The mint with most lines. */
  busiest(lines: readonly string[]): string
}

const LINE = ['features', 'strategy', 'predict', 'gate'] as const
/**
 * Flags that let something happen in a short stream: a gate that refuses everything leaves execute
 * nothing to do.
 */
const LOOSE: Record<string, string[]> = {
  gate: ['--without', 'confidence,combined,holders,top10,lp-burned,freeze,mint'],
}
/** Commands that read what `gate` writes unless they stand in the line themselves. */
const EVENTS = ['quality', 'chaos']

/** Makes the streams; at most so many lines enter the first command. */
export async function makeStreams(most = 6000): Promise<Streams> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-streams-'))
  const texts = new Map<string, string>()
  const day = await made(
    [
      'discover',
      '--source',
      'sim',
      '--seed',
      'contract',
      '--days',
      '1',
      '--tick',
      '60s',
      '--quiet',
    ],
    '',
  )
  let text = livelyPart(day.split('\n').slice(0, -1), most)
  for (const name of LINE) {
    texts.set(name, text)
    text = await made([name, '--quiet', ...(LOOSE[name] ?? [])], text)
  }
  texts.set('after', text)
  for (const name of EVENTS) texts.set(name, texts.get('features')!)
  const textFor = (command: string): string => texts.get(command) ?? texts.get('after')!
  return {
    for: textFor,
    file(command) {
      const path = join(folder, `${command}.ndjson`)
      writeFileSync(path, textFor(command))
      return path
    },
    busiest,
  }
}

/**
 * The lines of the few tokens with most candles, and ticks: a short stream in which something
 * happens.
 */
function livelyPart(lines: readonly string[], most: number): string {
  const candles = lines.filter(line => line.includes('"kind":"candle"'))
  const mints = new Set<string>()
  for (let i = 0; i < 4; i++)
    mints.add(busiest(candles.filter(line => !mints.has(mintOf(line) ?? ''))))
  const chosen = lines.filter(
    line => mints.has(mintOf(line) ?? '') || line.includes('"kind":"tick"'),
  )
  return chosen
    .slice(0, most)
    .map(line => `${line}\n`)
    .join('')
}

const mintOf = (line: string): string | undefined => /"mint":"([^"]+)"/.exec(line)?.[1]

async function made(argv: string[], input: string): Promise<string> {
  const done = await sluice(argv, { input })
  if (done.code !== 0) throw new Error(`${argv.join(' ')}: exit ${done.code}: ${done.stderr}`)
  return done.stdout
}

function busiest(lines: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const mint = mintOf(line)
    if (mint !== undefined) counts.set(mint, (counts.get(mint) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0]!
}
