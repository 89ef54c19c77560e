import { makeAtr } from '../../indicators/atr.ts'
import { makeBollinger } from '../../indicators/bollinger.ts'
import { makeEma } from '../../indicators/ema.ts'
import type { Bar, Indicator } from '../../indicators/indicator.ts'
import { makeMacd } from '../../indicators/macd.ts'
import { makeMfi } from '../../indicators/mfi.ts'
import { makeObv } from '../../indicators/obv.ts'
import { makeParkinson } from '../../indicators/parkinson.ts'
import { makeRoc } from '../../indicators/roc.ts'
import { makeRollingSigma } from '../../indicators/rolling-sigma.ts'
import { makeRsi } from '../../indicators/rsi.ts'
import { makeStochastic } from '../../indicators/stochastic.ts'
import { makeVpt } from '../../indicators/vpt.ts'
import { makeWilliamsR } from '../../indicators/williams-r.ts'
import type { Tape } from '../kit/state-tape.ts'

/** The indicators of the set `sequence`, fed with closed bars. */
export interface Bank {
  update(bar: Bar, logReturn: number | undefined): void
  /** Values by name, in order of the set. */
  values(): Record<string, number | undefined>
  visit(tape: Tape): void
}

export function makeBank(): Bank {
  const rsi = makeRsi(14)
  const macd = makeMacd(12, 26, 9)
  const ema12 = makeEma(12)
  const ema26 = makeEma(26)
  const bands = makeBollinger(20, 2)
  const roc = makeRoc(10)
  const volatility = makeRollingSigma(20, { sample: true })
  const stochastic = makeStochastic(5, 3, 3)
  const byClose: Indicator<number>[] = [rsi, macd, ema12, ema26, bands, roc]
  const [atr, parkinson, williams, mfi] = [
    makeAtr(14),
    makeParkinson(20),
    makeWilliamsR(14),
    makeMfi(14),
  ]
  const [obv, vpt] = [makeObv(), makeVpt()]
  const byBar: Indicator<Bar>[] = [atr, parkinson, stochastic, williams, obv, vpt, mfi]
  return {
    update: (bar, logReturn) => {
      for (const indicator of byClose) indicator.update(bar.close)
      for (const indicator of byBar) indicator.update(bar)
      if (logReturn !== undefined) volatility.update(logReturn)
    },
    values: () => ({
      rsi14: rsi.value(),
      macd: macd.value(),
      macdSignal: macd.signal(),
      macdHistogram: macd.histogram(),
      ema12: ema12.value(),
      ema26: ema26.value(),
      bbWidth: bands.width(),
      atr14: atr.value(),
      volatility20: volatility.value(),
      parkinson20: parkinson.value(),
      roc10: roc.value(),
      stochK: stochastic.value(),
      stochD: stochastic.d(),
      williamsR14: williams.value(),
      obv: obv.value(),
      vpt: vpt.value(),
      mfi14: mfi.value(),
    }),
    visit: tape => {
      for (const indicator of [...byClose, ...byBar, volatility]) tape.part(indicator)
    },
  }
}
