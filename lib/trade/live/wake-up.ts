/** Wakes the one who waits (only one may); a ring while nobody waits is kept for the next wait. */
export function makeBell() {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring(): void {
      hasRung = true
      wake?.()
    },
    async wait(): Promise<void> {
      if (!hasRung)
        await new Promise<void>(resolve => {
          wake = resolve
        })
      hasRung = false
      wake = undefined
    },
  }
}
export type Bell = ReturnType<typeof makeBell>
