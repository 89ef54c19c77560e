import type { Step } from '../stream/step.ts'
import { takeLock } from './hold.ts'

/**
 * A step that keeps its state in a folder, held by this process alone from before `make` reads it
 * until the step is closed: two that save there would mix what they have seen. Throws a
 * TemporaryError (exit 4) when another process holds it, and what `make` throws.
 */
export async function lockedStep(
  dir: string,
  role: string,
  make: () => Step | Promise<Step>,
): Promise<Step> {
  const lock = takeLock(dir, role)
  try {
    const step = await make()
    return {
      ...step,
      async close() {
        try {
          await step.close?.()
        } finally {
          lock.release()
        }
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
