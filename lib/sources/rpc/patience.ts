import { TemporaryError } from '../../base/errors.ts'
import type { Rng } from '../../base/rng.ts'
import { pauseAfter } from '../net/bucket.ts'
import type { Time } from '../net/budget.ts'
import type { RpcCall } from './client.ts'

const CAP_MS = 60_000
/** Nobody waits longer than this for a method that the node refuses. */
const MAX_WAIT_MS = 45_000
const LOOK_MS = 1000

interface Thing {
  failures: number
  /** It has been tried again since, and nobody knows yet what came of it. */
  isOut: boolean
  nextAt: number
}

/** Things that failed, each with pauses of its own: one that does not answer stops no other. */
export function makePatience(rng: Rng, cap = CAP_MS) {
  const all = new Map<string, Thing>()
  return {
    /** True when its pause is over, and of what never failed. */
    isDue: (thing: string, now: number): boolean => now >= (all.get(thing)?.nextAt ?? 0),
    failed(thing: string, now: number): void {
      const failures = all.get(thing)?.failures ?? 0
      const nextAt = now + pauseAfter(failures + 1, rng.next(), cap)
      all.set(thing, { failures: failures + 1, nextAt, isOut: false })
    },
    /** True while the pause after its last failure has not been used. */
    isWaiting: (thing: string): boolean => all.get(thing)?.isOut === false,
    /** It is being tried again. */
    again(thing: string): void {
      const known = all.get(thing)
      if (known !== undefined) known.isOut = true
    },
    /** Forgets its failures. */
    succeeded: (thing: string): void => void all.delete(thing),
  }
}

interface Gate {
  failures: number
  openAt: number
  isProbing: boolean
  reason: string
}

/**
 * Calls to a node, where a method that it refuses for the moment (behind, too busy, no history) is
 * asked by one caller at a time, after growing pauses; the others wait for what becomes of that.
 * Throws a TemporaryError after a wait of 45 s, else what the call throws.
 */
export function patientCalls(call: RpcCall, time: Time, rng: Rng): RpcCall {
  const gates = new Map<string, Gate>()
  return async (method, params, signal, priority) => {
    const gate = gates.get(method) ?? { failures: 0, openAt: 0, isProbing: false, reason: '' }
    gates.set(method, gate)
    const isProbe = await enter(gate, time, signal)
    const before = gate.failures
    try {
      const result = await call(method, params, signal, priority)
      gate.failures = 0
      return result
    } catch (error) {
      // Of calls that were under way together the first failure counts.
      if (error instanceof TemporaryError && gate.failures === before) {
        gate.failures++
        gate.reason = error.message
        gate.openAt = time.now() + pauseAfter(gate.failures, rng.next())
      } else if (!(error instanceof TemporaryError) && !signal.aborted) gate.failures = 0
      throw error
    } finally {
      if (isProbe) gate.isProbing = false
    }
  }
}

/** Waits until a call may go; true when it is the one that tries whether the node is well again. */
async function enter(gate: Gate, time: Time, signal: AbortSignal): Promise<boolean> {
  const since = time.now()
  while (gate.failures > 0) {
    signal.throwIfAborted()
    const now = time.now()
    if (now >= gate.openAt && !gate.isProbing) {
      gate.isProbing = true
      return true
    }
    if (now - since > MAX_WAIT_MS) throw new TemporaryError(gate.reason)
    await time.sleep(Math.min(LOOK_MS, Math.max(10, gate.openAt - now)), signal)
  }
  return false
}
