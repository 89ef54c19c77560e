import { createHash } from 'node:crypto'
import { UsageError } from '../base/errors.ts'
import { ARMS, type Arm } from '../records/arm.ts'
import type { Rec } from '../records/record.ts'

/** Shares of --split, which sum to 1. */
export type Split = Readonly<Record<Arm, number>>

/**
 * Reads words like `champion=0.9`. Throws UsageError for other sides, a side that is missing or
 * twice, or shares that do not sum to 1.
 */
export function parseSplit(words: readonly string[]): Split {
  const shares = new Map<string, number>()
  for (const word of words) {
    const found = /^([a-z]{1,20})=(\d(?:\.\d{1,9})?|\.\d{1,9})$/.exec(word)
    if (found === null || !(ARMS as readonly string[]).includes(found[1]!))
      throw new UsageError(`--split: expected champion=X,challenger=Y, got ${word}`)
    if (shares.has(found[1]!)) throw new UsageError(`--split: ${found[1]} is given twice`)
    shares.set(found[1]!, Number(found[2]))
  }
  const missing = ARMS.find(arm => !shares.has(arm))
  if (missing !== undefined) throw new UsageError(`--split: no share of ${missing}`)
  const sum = [...shares.values()].reduce((a, b) => a + b, 0)
  if (Math.abs(sum - 1) > 1e-9) throw new UsageError(`--split: shares sum to ${sum}, not to 1`)
  return { champion: shares.get('champion')!, challenger: shares.get('challenger')! }
}

/**
 * The side of a token, by the first 48 bits of a hash of its mint: the same in every run and on
 * every machine, and a larger share of the challenger only moves tokens to it.
 */
export function armOf(mint: string, { challenger }: Split): Arm {
  const digest = createHash('sha256').update(`split/${mint}`).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48 < challenger ? 'challenger' : 'champion'
}

/** A line as its side sees it, and what its decision says of that. */
export interface Sided {
  rec: Rec
  about: { arm: Arm; versions: Record<string, string> }
}

/**
 * The challenger goes by the versions on trial where there are any, the champion by production, as
 * ever; both say which version of the models on trial that was.
 */
export function sideOf(rec: Rec & { mint: string }, split: Split): Sided {
  const arm = armOf(rec.mint, split)
  const trial = rec.shadow ?? {}
  const isTrial = arm === 'challenger' && rec.shadow !== undefined
  const seen = isTrial ? { ...rec, prediction: { ...rec.prediction, ...trial } } : rec
  const versions = Object.keys(trial).flatMap((model): [string, string][] => {
    const version = seen.prediction?.[model]?.version
    return version === undefined ? [] : [[model, version]]
  })
  return { rec: seen, about: { arm, versions: Object.fromEntries(versions) } }
}
