/**
 * Ctrl-C reaches every process of a pipeline at once. The first one asks, the second one insists.
 */
export interface Signals {
  /** Fires at the first SIGINT or SIGTERM, or when `stop` is called. */
  signal: AbortSignal
  /** Fires at the first SIGINT or SIGTERM only. */
  interrupted: AbortSignal
  stop(): void
  /** 130 or 143 once a signal has come. */
  exitCode(): number | undefined
  release(): void
}

const CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** Listens for SIGINT and SIGTERM; the second of them ends the process at once. */
export function watchSignals(): Signals {
  const controller = new AbortController()
  const interruption = new AbortController()
  let code: number | undefined
  const onSignal = (name: NodeJS.Signals): void => {
    if (code !== undefined) {
      release()
      process.kill(process.pid, name)
      return
    }
    code = CODES[name as keyof typeof CODES]
    controller.abort()
    interruption.abort()
  }
  const release = (): void => {
    for (const name of Object.keys(CODES)) process.removeListener(name, onSignal)
  }
  for (const name of Object.keys(CODES)) process.on(name, onSignal)
  return {
    signal: controller.signal,
    interrupted: interruption.signal,
    stop: () => controller.abort(),
    exitCode: () => code,
    release,
  }
}
