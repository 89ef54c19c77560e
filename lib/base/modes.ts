let isShared = false
let found: number | undefined

/**
 * From now on what this process makes is for its owner only: files that tell what is held or traded
 * are 600, folders 700. With `shared` they are what the umask of the caller says. Main thread only.
 */
export function settleModes(shared: boolean): void {
  isShared = shared
  found ??= process.umask()
  process.umask(shared ? found : found | 0o077)
}

/** The umask that this process was started with: for programs that are not ours. */
export const callersMask = (): number => found ?? process.umask()

/** Mode of a file that tells what is held or traded, less what the umask takes. */
export const fileMode = (): number => (isShared ? 0o666 & ~callersMask() : 0o600)
/** The same of a folder. */
export const folderMode = (): number => (isShared ? 0o777 & ~callersMask() : 0o700)
