import { parentPort, workerData } from 'node:worker_threads'
import { type Day, runDay } from './day.ts'
import { Dead } from './disk.ts'

/** What a worker is to run: days by their seeds, some with an await to die at for sure. */
export interface Task {
  days: { seed: number; also?: number | undefined }[]
  keyFile: string
  /** Numbers of the awaits that are to be died at, one a day. */
  sites: number
}

/** What came of it. */
export interface Report {
  failures: { seed: number; also?: number | undefined; text: string }[]
  diedAt: number[]
  /** Awaits that a day came to, and the first seed that did. */
  came: [site: number, seed: number][]
  totals: Record<(typeof TOTALS)[number], number>
  counts: Record<string, number>
  cpuMs: number
}

const TOTALS = ['decisions', 'positions', 'heldMs', 'swaps', 'lives'] as const
/** A worker that finds something wrong again and again need not go on. */
const ENOUGH = 20

async function work({ days, keyFile, sites }: Task): Promise<Report> {
  const report: Report = {
    failures: [],
    diedAt: [],
    came: [],
    totals: { decisions: 0, positions: 0, heldMs: 0, swaps: 0, lives: 0 },
    counts: { days: 0 },
    cpuMs: 0,
  }
  const diedAt = new Set<number>()
  const came = new Map<number, number>()
  for (const { seed, also } of days) {
    if (report.failures.length === ENOUGH) break
    try {
      const day = await runDay(seed, keyFile, sites, also)
      add(report, day)
      for (const site of day.diedAt) diedAt.add(site)
      for (const site of day.came) if (!came.has(site)) came.set(site, seed)
    } catch (error) {
      report.failures.push({ seed, also, text: (error as Error).message })
    }
  }
  const { user, system } = process.cpuUsage()
  return { ...report, diedAt: [...diedAt], came: [...came], cpuMs: (user + system) / 1000 }
}

function add(report: Report, day: Day): void {
  for (const name of TOTALS) report.totals[name] += day[name]
  for (const [what, n] of [...day.counts, ['days', 1] as const])
    report.counts[what] = (report.counts[what] ?? 0) + n
}

process.on('unhandledRejection', error => {
  if (!(error instanceof Dead)) throw error
})

parentPort?.postMessage(await work(workerData as Task))
