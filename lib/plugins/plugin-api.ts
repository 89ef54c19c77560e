import {
  bool,
  bytes,
  choice,
  duration,
  file,
  grouped,
  int,
  list,
  num,
  sol,
  text,
} from '../base/flags.ts'
import { atLeast, atMost, holds, PASS } from '../decide/rule.ts'
import { hourOfDay, isDue, known, ratioChange } from '../features/kit/family.ts'
import { featureSet } from '../features/kit/feature-set.ts'
import { makeAtr } from '../indicators/atr.ts'
import { makeBollinger } from '../indicators/bollinger.ts'
import { makeEma } from '../indicators/ema.ts'
import { makeEwma } from '../indicators/ewma.ts'
import { makeMacd } from '../indicators/macd.ts'
import { makeMfi } from '../indicators/mfi.ts'
import { makeObv } from '../indicators/obv.ts'
import { makeParkinson } from '../indicators/parkinson.ts'
import { makeRoc } from '../indicators/roc.ts'
import { makeRollingSigma } from '../indicators/rolling-sigma.ts'
import { makeRsi } from '../indicators/rsi.ts'
import { makeSma } from '../indicators/sma.ts'
import { makeStochastic } from '../indicators/stochastic.ts'
import { makeTrueRange } from '../indicators/true-range.ts'
import { makeVpt } from '../indicators/vpt.ts'
import { makeWilder } from '../indicators/wilder.ts'
import { makeWilliamsR } from '../indicators/williams-r.ts'
import { candles, closing, interval, order, speed, state, tick } from '../sources/source.ts'
import { hold, makeMean, opinion } from '../strategy/bar-strategy.ts'
import { makeLine } from '../stream/line.ts'
import { tickLine } from '../stream/ticks.ts'

/** Raised when something that a plugin may call changes or goes; additions leave it. */
const API = 1

/** Makers of flags, for the rules, strategies and sources that declare some. */
const flags = { bool, bytes, choice, duration, file, grouped, int, list, num, sol, text }

/** Streaming indicators: `update(x)`, then `value()`, absent while they warm up. */
const indicators = {
  atr: makeAtr,
  bollinger: makeBollinger,
  ema: makeEma,
  ewma: makeEwma,
  macd: makeMacd,
  mfi: makeMfi,
  obv: makeObv,
  parkinson: makeParkinson,
  roc: makeRoc,
  rollingSigma: makeRollingSigma,
  rsi: makeRsi,
  sma: makeSma,
  stochastic: makeStochastic,
  trueRange: makeTrueRange,
  vpt: makeVpt,
  wilder: makeWilder,
  williamsR: makeWilliamsR,
}

/** Flags that sources have in common: a source that takes one of them takes this very one. */
const sourceFlags = { candles, interval, order, speed, state, tick }

/**
 * What a plugin is given, so that it imports nothing of ours: `api` tells which version of this,
 * the rest are the makers that our own declarations use.
 */
export const makeApi = () =>
  Object.freeze({
    api: API,
    flags: Object.freeze({ ...flags }),
    /** Strategies. */
    hold,
    makeMean,
    opinion,
    /** Rules. */
    PASS,
    atLeast,
    atMost,
    holds,
    /** Feature sets. */
    featureSet,
    hourOfDay,
    isDue,
    known,
    ratioChange,
    indicators: Object.freeze({ ...indicators }),
    /** Sources. */
    closing,
    makeLine,
    sourceFlags: Object.freeze({ ...sourceFlags }),
    tickLine,
  })
