import { existsSync, type FSWatcher, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { tell } from '../cli/log.ts'
import { runRound } from './watch-round.ts'

/** Saving several files, or one in several writes, is one change. */
const SETTLE_MS = 150
const FOLDERS = ['cmd', 'lib', 'test', 'bench', 'pipelines', 'models']
/** What editors write beside a file while they save it. */
const PASSING = /(^|\/)(\.|4913$|#)|~$|\.(tmp|swp|checkpoint|log)$/

/**
 * On every save checks types, the style of the changed files and the tests that they reach, and
 * prints one block. A save during a round ends it and starts the next, which also checks what that
 * one had not finished. Ends with Ctrl-C.
 */
const changed = new Set<string>()
let timer: NodeJS.Timeout | undefined
let round: AbortController | undefined
const watchers = FOLDERS.filter(name => existsSync(name)).map(watchFolder)
process.once('SIGINT', end)
process.once('SIGTERM', end)
tell(`watching ${FOLDERS.join(', ')}; save a file, end with Ctrl-C`)

function watchFolder(folder: string): FSWatcher {
  return watch(folder, { recursive: true }, (_, name) => {
    if (name === null || PASSING.test(name)) return
    const path = join(folder, name)
    // A folder’s own change says nothing; a file that is gone matters to those that import it.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(next, SETTLE_MS)
  })
}

async function next(): Promise<void> {
  round?.abort()
  const mine = new AbortController()
  round = mine
  const files = [...changed].sort()
  const block = await runRound(files, mine.signal)
  if (mine.signal.aborted) return
  for (const file of files) changed.delete(file)
  tell(block)
}

function end(): void {
  clearTimeout(timer)
  round?.abort()
  for (const watcher of watchers) watcher.close()
}
