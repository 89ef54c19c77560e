/** Wakes the one who waits (only one may); a call while nobody waits is kept for the next wait. */
export function makeWakeUp() {
  let isAwake = false
  let resume: (() => void) | undefined
  return {
    wake(): void {
      isAwake = true
      resume?.()
    },
    async wait(): Promise<void> {
      if (!isAwake)
        await new Promise<void>(resolve => {
          resume = resolve
        })
      isAwake = false
      resume = undefined
    },
  }
}
export type WakeUp = ReturnType<typeof makeWakeUp>
