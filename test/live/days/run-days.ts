import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { WALLET } from './cast.ts'
import { compileDays } from './compile.ts'
import type { Report, Task } from './worker.ts'

/** What came of many days. */
export interface Ran extends Omit<Report, 'diedAt' | 'came'> {
  /** Awaits of the code under test, those that were died at, and those that were come to. */
  sites: string[]
  diedAt: Set<number>
  came: Map<number, number>
  ms: number
}

/**
 * Runs days on so many threads; then, for each await that a day came to and nobody died at, that
 * day once more, with a death there.
 */
export async function runDays(days: Task['days'], threads: number): Promise<Ran> {
  const { folder, program, sites } = await compileDays()
  const keyFile = join(folder, 'wallet.json')
  writeFileSync(keyFile, JSON.stringify([...WALLET.secretKey]), { mode: 0o600 })
  const startedAt = performance.now()
  const run = (of: Task['days']): Promise<Report[]> =>
    Promise.all(
      Array.from({ length: threads }, (_, thread) => {
        const mine = of.filter((_, i) => i % threads === thread)
        return reportOf(program, { days: mine, keyFile, sites: sites.length })
      }),
    )
  try {
    const first = await run(days)
    const { diedAt, came } = together(first)
    const missed = [...came].filter(([site]) => !diedAt.has(site))
    const second = await run(missed.map(([also, seed]) => ({ seed, also })))
    return { ...together([...first, ...second]), sites, ms: performance.now() - startedAt }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function reportOf(program: string, workerData: Task): Promise<Report> {
  const worker = new Worker(program, { workerData })
  let report: Report | undefined
  worker.once('message', told => {
    report = told as Report
  })
  // A busy machine tells the message and the end in one go: who waits for one after the other
  // misses the end.
  const [code] = (await once(worker, 'exit')) as [number]
  if (report === undefined) throw new Error(`a worker ended with ${code} before it reported`)
  return report
}

function together(reports: readonly Report[]): Omit<Ran, 'sites' | 'ms'> {
  const sum = <T extends Record<string, number>>(of: readonly T[]): T => {
    const total: Record<string, number> = {}
    for (const each of of)
      for (const [name, n] of Object.entries(each)) total[name] = (total[name] ?? 0) + n
    return total as T
  }
  return {
    failures: reports.flatMap(({ failures }) => failures).sort((a, b) => a.seed - b.seed),
    diedAt: new Set(reports.flatMap(({ diedAt }) => diedAt)),
    came: new Map(reports.flatMap(({ came }) => came).reverse()),
    totals: sum(reports.map(({ totals }) => totals)),
    counts: sum(reports.map(({ counts }) => counts)),
    cpuMs: Math.max(...reports.map(({ cpuMs }) => cpuMs)),
  }
}

const revision = (): string =>
  execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()

/** A day that failed, with what runs it again. */
export const failureText = ({ seed, also, text }: Ran['failures'][number]): string =>
  `node --import tsx test/live/days/run-days.ts --seed ${seed}@${revision()}` +
  `${also === undefined ? '' : ` --death ${also}`}\n${text}`

/** The figures of a run in a few lines. */
export function figures({ totals, counts, sites, diedAt, ms, cpuMs }: Ran): string {
  const { days = 0 } = counts
  const a = (n: number): string => (n / Math.max(1, days)).toFixed(1)
  return [
    `${days} days in ${(ms / 1000).toFixed(0)} s: ${Math.round((days / ms) * 3.6e6)} days an hour` +
      ` (${(cpuMs / Math.max(1, days)).toFixed(1)} ms of processor a day)`,
    `a day: ${a(totals.decisions)} decisions, ${a(totals.positions)} positions, ` +
      `${a(totals.swaps)} swaps, ${a(totals.heldMs / 60_000)} minutes held, ` +
      `${a(totals.lives)} lives`,
    `died at ${diedAt.size} of ${sites.length} awaits`,
  ].join('\n')
}

export const seedsFrom = (first: number, count: number): Task['days'] =>
  Array.from({ length: count }, (_, i) => ({ seed: first + i }))

/** Awaits that nobody died at. */
export const unmet = ({ sites, diedAt }: Ran): string[] =>
  sites.filter((_, site) => !diedAt.has(site))

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const options = { days: text, seed: text, death: text } as const
  const { days, seed, death } = parseArgs({ options }).values
  const [from, of] = (seed ?? '0').split('@')
  if (of !== undefined && of !== revision())
    console.error(`the seed is of revision ${of}, this is ${revision()}: the day may be another`)
  const also = death === undefined ? undefined : Number(death)
  const list = seedsFrom(Number(from), Number(days ?? 1)).map(each => ({ ...each, also }))
  const ran = await runDays(list, seed === undefined ? 2 : 1)
  console.log(figures(ran))
  if (days !== undefined) for (const site of unmet(ran)) console.log(`never died at ${site}`)
  for (const failure of ran.failures) console.log(failureText(failure))
  if (ran.failures.length > 0) process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
