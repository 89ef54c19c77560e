import { spawnSync } from 'node:child_process'

/** A process as `ps` tells it. */
interface Running {
  pid: number
  parent: number
  words: string
}

/** How often files are looked at. */
const LOOK_MS = 15_000

/**
 * Ends, with all that it has started, a test file that runs longer than `mostMs`: its process is a
 * child of this one and has the file among its words. Node’s runner ends tests that take too long,
 * not a file that a timer, a child or a loop without end keeps alive. `tell` gets the file.
 */
export function endHung(mostMs: number, tell: (file: string) => void): { stop(): void } {
  const firstSeen = new Map<number, number>()
  const timer = setInterval(
    () => {
      const all = running()
      for (const { pid, parent, words } of all) {
        const file = /\S+\.test\.js\b/.exec(words)?.[0]
        if (parent !== process.pid || file === undefined) continue
        const since = firstSeen.get(pid) ?? performance.now()
        firstSeen.set(pid, since)
        if (performance.now() - since < mostMs) continue
        tell(file)
        for (const each of familyOf(pid, all)) end(each)
      }
    },
    Math.min(LOOK_MS, mostMs / 5),
  )
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function running(): Running[] {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').flatMap(line => {
    const [, pid, parent, words = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), words }]
  })
}

/** A process and all below it. */
function familyOf(pid: number, all: readonly Running[]): number[] {
  const children = all.filter(each => each.parent === pid)
  return [pid, ...children.flatMap(child => familyOf(child.pid, all))]
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // Else it has just ended.
  }
}
