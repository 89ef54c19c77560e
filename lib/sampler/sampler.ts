import type { Outcome } from '../records/prediction.ts'
import type { Rec } from '../records/record.ts'
import type { Step } from '../stream/step.ts'
import { ASKED_MS, type Askable, type AskLimits, makeAsks } from './asks.ts'
import type { SamplerFlags } from './sampler-flags.ts'
import { makeBalance, type Reason, reasonsOf, TIERS, tierOf, type Urgency } from './tiers.ts'

/** How often one token is to be looked at. */
export interface Watch {
  mint: string
  tier: string
  everyMs: number
  /** Event time of its last market line, and of the next look. */
  seenTs: number
  dueTs: number
  liquidityUsd?: number
  reasons: Reason[]
  /** A look that is asked for at once, and why; until the token has been seen again. */
  askedTs?: number
  asked?: Urgency
}

export interface SamplerOptions {
  limits: Pick<SamplerFlags, 'raise' | 'write' | 'maxTokens'> & AskLimits
  /** Watches of an earlier run. */
  known: readonly Watch[]
  /** Outcomes of labels that came before. */
  outcomes?: readonly Outcome[]
  write(watches: readonly Watch[]): void
  count(what: string, by?: number): void
}

interface Token extends Askable {
  liquidityUsd: number | undefined
  seenTs: number
  until: Map<Reason, number>
}

/** Between two writings that something asks for. */
const SOON_MS = 1000

/** A token that was quiet for a day of event time is forgotten. */
const QUIET_MS = 24 * 3_600_000

/**
 * Passes every line on and keeps a list of how often each token is to be looked at. Labels tell
 * which outcomes are rare.
 */
export function makeSampler(options: SamplerOptions): Step {
  const { limits, count } = options
  const tokens = new Map<string, Token>(
    options.known.map(watch => [watch.mint, tokenOf(watch, limits.raise)]),
  )
  const balance = makeBalance()
  for (const outcome of options.outcomes ?? []) balance.add(outcome)
  const asks = makeAsks(limits, count)
  let now = Number.NEGATIVE_INFINITY
  let writeAt = Number.NEGATIVE_INFINITY
  let wroteAt = Number.NEGATIVE_INFINITY

  const learn = (rec: Rec): void => {
    if (rec.label?.outcome !== undefined) balance.add(rec.label.outcome)
    if (rec.mint === undefined || rec.label !== undefined) return
    const token: Token = tokens.get(rec.mint) ?? {
      liquidityUsd: undefined,
      seenTs: rec.ts,
      until: new Map(),
    }
    token.liquidityUsd = rec.market?.liquidityUsd ?? token.liquidityUsd
    if (rec.market !== undefined || rec.kind === 'token')
      token.seenTs = Math.max(token.seenTs, rec.ts)
    // What is asked for is written soon, whenever the list was due.
    if (asks(token, rec)) writeAt = Math.min(writeAt, wroteAt + SOON_MS)
    for (const reason of reasonsOf(rec, balance.isRare))
      token.until.set(reason, rec.ts + limits.raise)
    tokens.delete(rec.mint)
    tokens.set(rec.mint, token)
    if (tokens.size > limits.maxTokens) forget(tokens.keys().next().value!)
  }
  const forget = (mint: string): void => {
    tokens.delete(mint)
    count('forgotten')
  }
  const write = (): void => {
    writeAt = now + limits.write
    wroteAt = now
    for (const [mint, { seenTs }] of tokens) if (now - seenTs > QUIET_MS) forget(mint)
    options.write([...tokens].map(([mint, token]) => watchOf(mint, token, now)).sort(byDue))
  }
  return {
    setBack(ts) {
      now = ts
      writeAt = Number.NEGATIVE_INFINITY
      for (const token of tokens.values()) setBack(token, ts, limits.raise)
    },
    line(line, emit) {
      now = Math.max(now, line.rec.ts)
      if (writeAt === Number.NEGATIVE_INFINITY) writeAt = now + limits.write
      learn(line.rec)
      if (now >= writeAt) write()
      emit(line)
    },
    end() {
      if (now > Number.NEGATIVE_INFINITY) write()
    },
  }
}

const byDue = (a: Watch, b: Watch): number => a.dueTs - b.dueTs || (a.mint < b.mint ? -1 : 1)

function watchOf(mint: string, token: Token, now: number): Watch {
  const { liquidityUsd, seenTs, until } = token
  const isAsked = token.asked !== undefined && now - token.asked.ts < ASKED_MS
  const asked = isAsked ? token.asked : undefined
  const reasons = [...until].filter(([, end]) => end > now).map(([reason]) => reason)
  const { name, everyMs } = TIERS[Math.max(0, tierOf(liquidityUsd) - reasons.length)]!
  const liquidity = liquidityUsd === undefined ? {} : { liquidityUsd }
  return {
    mint,
    tier: name,
    everyMs,
    seenTs,
    dueTs: asked === undefined ? seenTs + everyMs : Math.min(asked.ts, seenTs + everyMs),
    ...liquidity,
    reasons: reasons.sort(),
    ...(asked === undefined ? {} : { askedTs: asked.ts, asked: asked.why }),
  }
}

/** What was of later times is as of now. */
function setBack(token: Token, now: number, raiseMs: number): void {
  token.seenTs = Math.min(token.seenTs, now)
  delete token.asked
  delete token.againTs
  for (const [reason, end] of token.until) token.until.set(reason, Math.min(end, now + raiseMs))
}

/** Reasons of an earlier run count on from its last look. */
const tokenOf = (
  { liquidityUsd, seenTs, reasons, askedTs, asked }: Watch,
  raiseMs: number,
): Token => ({
  liquidityUsd,
  seenTs,
  until: new Map(reasons.map(reason => [reason, seenTs + raiseMs])),
  ...(askedTs === undefined || asked === undefined ? {} : { asked: { ts: askedTs, why: asked } }),
})
