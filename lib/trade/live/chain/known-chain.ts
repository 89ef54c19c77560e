import { DataError, messageOf, TemporaryError } from '../../../base/errors.ts'
import type { Rec } from '../../../records/record.ts'
import type { Time } from '../../../sources/net/budget.ts'
import { type ChainProfile, chainPart, RELEASE_CHAIN } from '../../chain-profile.ts'

/** The chain as the node told it last. */
export interface KnownChain {
  /** Until the node has told: as of this release, which is good enough to leave positions. */
  profile(): ChainProfile
  /** Whether the node has told lately: without that nothing is bought. */
  isKnown(): boolean
  noBuys(): 'chain-unknown' | undefined
  /** The node has said that what is confirmed is final: one finalized height decides. */
  finalizesAtOnce(): boolean
  /**
   * Asks now, and again every few minutes until the signal; resolves after the first answer.
   * `onChange` is told each profile that differs from the one before.
   */
  begin(onChange: (profile: ChainProfile) => void, signal: AbortSignal): Promise<void>
}

const EVERY_MS = 3 * 60_000
const RETRY_MS = 10_000
/** Tries at the start, a second apart: a node that is busy for a moment holds up no day. */
const FIRST_TRIES = 3
const FIRST_PAUSE_MS = 1000
/** Several answers missed: the chain may have changed, deposits and all. */
const TOO_OLD_MS = 15 * 60_000

interface Asking {
  measure(signal: AbortSignal): Promise<ChainProfile>
  /** Time that no clock setting moves. */
  time: Pick<Time, 'sleep'> & { monotonic(): number }
  count(what: string): void
  warn(text: string): void
}

/**
 * Keeps what the node says of its chain. A node that fails to say is counted, and told each time
 * that it begins to fail; whatever goes wrong here, positions are still looked after.
 */
export function makeKnownChain({ measure, time, count, warn }: Asking): KnownChain {
  let profile = RELEASE_CHAIN
  let toldAt: number | undefined
  let hasWarned = false
  let onChange: (profile: ChainProfile) => void = () => undefined
  const consequence = (): string =>
    toldAt === undefined
      ? 'what the chain is like is not known, nothing is bought'
      : `the node does not say what the chain is like; after ${TOO_OLD_MS / 60_000} min without ` +
        'an answer nothing is bought'
  const look = async (signal: AbortSignal): Promise<boolean> => {
    try {
      const found = await measure(signal)
      const isFirst = toldAt === undefined
      toldAt = time.monotonic()
      hasWarned = false
      if (isFirst || isOther(found, profile)) {
        profile = found
        onChange(found)
      }
      return true
    } catch (error) {
      if (signal.aborted) return false
      const isOurs = !(error instanceof DataError || error instanceof TemporaryError)
      if (isOurs || !hasWarned) warn(`${consequence()}: ${messageOf(error)}`)
      hasWarned = true
      count('chain-unmeasured')
      return false
    }
  }
  const goOn = async (wasTold: boolean, signal: AbortSignal): Promise<void> => {
    for (let isTold = wasTold; !signal.aborted; ) {
      await time.sleep(isTold ? EVERY_MS : RETRY_MS, signal)
      if (!signal.aborted) isTold = await look(signal)
    }
  }
  const isKnown = (): boolean => toldAt !== undefined && time.monotonic() - toldAt < TOO_OLD_MS
  return {
    profile: () => profile,
    isKnown,
    noBuys: () => (isKnown() ? undefined : 'chain-unknown'),
    finalizesAtOnce: () => toldAt !== undefined && profile.consensus === 'alpenglow',
    async begin(listener, signal) {
      onChange = listener
      let wasTold = await look(signal)
      for (let tries = 1; !wasTold && tries < FIRST_TRIES && !signal.aborted; tries++) {
        await time.sleep(FIRST_PAUSE_MS, signal)
        wasTold = await look(signal)
      }
      void goOn(wasTold, signal)
    },
  }
}

/** The line in which a ledger keeps what the chain was like. */
export const chainLine = (profile: ChainProfile, ts: number): Rec => ({
  v: 1,
  id: `chain:${ts}`,
  ts,
  kind: 'chain',
  source: 'execute',
  chain: chainPart(profile),
})

/** Slot times differ a little with each look; the rest is what it is. */
function isOther(a: ChainProfile, b: ChainProfile): boolean {
  const { name: _, slotMs: mine, lifetimeBlocks: myLife, ...rest } = a
  const { name: __, slotMs: theirs, lifetimeBlocks: theirLife, ...others } = b
  const same = Object.entries(rest).every(
    ([key, value]) => value === others[key as keyof typeof others],
  )
  return !same || Math.abs(mine / theirs - 1) > 0.05 || Math.abs(myLife - theirLife) > 5
}
