import { spawn } from 'node:child_process'

/**
 * Waits at its stdin for the id of a group, then for the word that all is well. The end of the pipe
 * without that word is the death of keep, whatever killed it: the group is asked to end, and after
 * the time for that it is ended.
 */
const SCRIPT = `
read -r group || exit 0
read -r word && exit 0
kill -s TERM -- "-$group" 2> /dev/null
waited=0
while [ "$waited" -lt "$1" ] && kill -s 0 -- "-$group" 2> /dev/null; do
  sleep 1
  waited=$((waited + 1))
done
kill -s KILL -- "-$group" 2> /dev/null
`

/** A shell beside keep that outlives it, so that nothing which keep has started does for long. */
export interface Guard {
  /** From now on this group ends when this process does. */
  watch(pid: number): void
  /** The group has been seen to. */
  dismiss(): void
}

/**
 * Starts a guard in a session of its own, where neither the signals of a terminal nor those of the
 * group reach it. Only this process holds the other end of its pipe, so no way to die goes unseen.
 */
export function startGuard(graceMs: number): Guard {
  const seconds = String(Math.ceil(graceMs / 1000))
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'sluice-keep-guard', seconds], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  // Somebody ended the guard: keep itself still sees to the group.
  shell.stdin.on('error', () => {})
  return {
    watch: pid => void shell.stdin.write(`${pid}\n`),
    dismiss: () => void shell.stdin.end('done\n'),
  }
}
