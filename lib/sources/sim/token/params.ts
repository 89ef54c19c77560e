import type { Values } from '../../../base/flags.ts'
import type { marketFlags } from './sim-flags.ts'

/**
 * Every parameter of the simulated market. The anchors are published figures of graduated pump.fun
 * tokens (GeckoTerminal 1-hour candles of 289 tokens and 11,324 swaps, June–July 2026): median peak
 * 11.1 times the first price, 93 % end below 10 % of their peak, 30 % of the hours without a trade;
 * peak within the first hour for half of the tokens and after 8 hours for a tenth; swaps of 0.018 /
 * 0.14 / 1.0 SOL (quartiles), 57 % of them buys. “log multiple” = natural logarithm of price /
 * first price.
 */
export interface SimOptions
  extends Pick<Values<typeof marketFlags>, 'days' | 'tokensPerHour'>,
    Partial<Pick<Values<typeof marketFlags>, 'turnDay'>> {
  seed: string | number
  /** Length of a candle in ms. */
  candleMs: number
  /** Shortest time between two market lines of a pool, in ms. */
  snapshotMs: number
  /** Event time between ticks, in ms. */
  tickMs: number
  /** Start in ms since 1970 UTC. */
  startAt: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Chain and market clock. */
export const CHAIN = {
  /** Length of a slot in ms (Solana's target). */
  slotMs: 400,
  /** Slot at the start. */
  firstSlot: 390_000_000,
  /**
   * A pool without a trade for so long has no bars and no snapshots until its next trade, in ms.
   */
  quietMs: HOUR,
  /** A token without a trade for so long is forgotten, in ms. */
  deadMs: 12 * HOUR,
  /**
   * Market line of an active pool also without a trade, in ms: SOL's price and the windows move on.
   */
  idleSnapshotMs: 5 * MINUTE,
  /**
   * Network delay of `seenAt`: shortest and mean of the rest, in ms (detection feeds: p50 about
   * 100–400 ms).
   */
  delayMs: { least: 120, more: 180 },
}

/** SOL in dollars and the mood that all tokens share. */
export const WEATHER = {
  stepMs: 5 * MINUTE,
  /** SOL at the start in USD. */
  solUsd: 150,
  /** Standard deviation of SOL's log return per step: 4 % a day. */
  solStep: 0.04 / Math.sqrt(288),
  /** Mood is the log of a factor on trading pace; its half-life in steps and standard deviation. */
  moodHalfLife: 72,
  moodSd: 0.3,
}

/** Kinds of launch. */
export const LAUNCH = {
  /**
   * Share of tokens that start on a pump.fun-like bonding curve; the rest start in a small
   * Raydium-like pool.
   */
  curveShare: 0.3,
  /**
   * What becomes of the token, for curve launches (no liquidity to pull: the curve and PumpSwap
   * burn it).
   */
  curveIntent: { organic: 0.46, bleed: 0.24, dump: 0.3, pull: 0 },
  poolIntent: { organic: 0.36, bleed: 0.26, dump: 0.2, pull: 0.18 },
  /** The same after a change of regime: most launches are rugs. */
  turned: {
    curveIntent: { organic: 0.2, bleed: 0.15, dump: 0.65, pull: 0 },
    poolIntent: { organic: 0.12, bleed: 0.14, dump: 0.4, pull: 0.34 },
  },
  /** SOL in a small pool: median and log standard deviation. */
  poolSol: { median: 35, spread: 1.3 },
  /** Share of supply put into a small pool: range. */
  poolShare: { from: 0.1, to: 0.35 },
}

/** Life of a token's price and pace. Medians with log standard deviations. */
export const HYPE = {
  /**
   * Time to the first peak in ms. Fitted to: half peak within the first hour, a tenth after 8
   * hours.
   */
  rise: { median: 32 * MINUTE, spread: 1.45 },
  /** Curves peak in that part of the time. */
  curveRise: 0.4,
  /** Peak over first price. Fitted to the median 11.1 together with what noise and waves add. */
  curvePeak: { median: 30, spread: 0.6 },
  poolPeak: { median: 7, spread: 0.75 },
  /**
   * Final log multiple, mean and standard deviation. Fitted to 93 % ending below 10 % of the peak.
   */
  curveFloor: { mean: -0.4, sd: 0.2 },
  poolFloor: { mean: -2.6, sd: 0.6 },
  /**
   * No deeper than what the pool would be worth with all of the supply in it, and that much above
   * (log).
   */
  lowest: { curve: -0.4, abovePool: 0.3 },
  /** Time constant of the fall after the peak, in ms. */
  fade: {
    organic: { median: 60 * MINUTE, spread: 1.1 },
    bleed: { median: 4 * HOUR, spread: 0.6 },
    dump: { median: 2.5 * HOUR, spread: 0.7 },
    pull: { median: 2.5 * HOUR, spread: 0.7 },
  },
  /**
   * Some organic tokens hold a level for a while before they fall: chance, log level below the
   * peak, time in ms.
   */
  hold: {
    chance: 0.36,
    below: 0.4,
    ms: { median: 24 * HOUR, spread: 0.4 },
    fallMs: 20 * MINUTE,
    pace: 0.04,
  },
  /** Trades a minute at the peak of a token with the median rise. */
  pace: { median: 4.5, spread: 0.6 },
  /**
   * Trades a minute more when the price stands that many log units above the opinion: holders want
   * out.
   */
  exit: { above: 0.6, pace: 0.3 },
  /** Pace dies that much faster than the price falls. */
  paceFade: 0.22,
  /** Exponent by which slow tokens trade at a lower pace. */
  paceBySlowness: 0.6,
  /**
   * Trades an hour when the hype is over, and time until the last of them. Fitted to 30 % of hours
   * without a trade.
   */
  lull: { median: 0.45, spread: 0.5 },
  life: { median: 36 * HOUR, spread: 0.7 },
  /** Wandering of the crowd's opinion around the plan: log standard deviation and memory in ms. */
  noiseSd: 0.16,
  noiseMs: 12 * MINUTE,
  /**
   * Coordinated pumps: mean time between two, log size range, quiet accumulation before, rise and
   * fall in ms.
   */
  wave: {
    everyMs: 18 * HOUR,
    size: { from: 0.3, to: 1.6 },
    buildMs: { from: 3 * MINUTE, to: 12 * MINUTE },
    riseMs: { from: 2 * MINUTE, to: 10 * MINUTE },
    fadeMs: { from: 8 * MINUTE, to: 60 * MINUTE },
    /** Share of the size that the accumulation moves. */
    build: 0.15,
  },
}

/** The crowd. */
export const CROWD = {
  /** Wallets that trade all tokens. */
  wallets: 6_000,
  /** The first of them see a pump coming more often than others. */
  informed: 250,
  /** Wallets that launch token after token. */
  deployers: 40,
  /**
   * Steepness of the choice buy or sell in the gap between opinion and price, and in recent net
   * flow (herding).
   */
  lean: 3,
  herd: 0.7,
  /** Memory of the net flow in trades. */
  herdTrades: 12,
  /**
   * A trade as a share of the quote reserve: median, log standard deviation, cap (median 0.14 SOL
   * at 45 SOL).
   */
  size: { median: 0.003, spread: 1.4, cap: 0.06 },
  /** How much larger trades become when opinion and price are one log unit apart. */
  eager: 16,
  /** Whales: chance per trade and size range as a share of the quote reserve. */
  whale: { chance: 0.005, from: 0.05, to: 0.14 },
  /** Chance that a buyer already holds the token. */
  loyal: 0.25,
}

/** Insiders: the creator and the wallets funded with him. */
export const INSIDERS = {
  wallets: { from: 2, to: 9 },
  /**
   * Share of supply they buy in the first slot of a curve: logit mean for honest launches, shift
   * for others, spread.
   */
  bundle: { honest: -2.9, shift: 1.1, spread: 0.7 },
  /** Wash trades as a share of all trades: the same. */
  wash: { honest: -2.7, shift: 1.4, spread: 1 },
  /**
   * Moment of a dump or pull over the time of the peak: median and log standard deviation; earliest
   * in ms.
   */
  ruin: { median: 1.3, spread: 1, leastMs: 90 * SECOND },
  /**
   * Signs before: chance that they show, chance of the same without a rug, length over time until
   * then.
   */
  warning: { rug: 0.65, honest: 0.3, length: 0.6 },
  /**
   * Time between two small sales (or withdrawals of liquidity) of a warning, and their share of
   * what is held.
   */
  trickle: { everyMs: 150 * SECOND, from: 0.01, to: 0.05 },
  /** Slots that a dump takes. */
  dumpSlots: { from: 3, to: 60 },
  /** Share of liquidity withdrawn at a pull. */
  pull: { from: 0.93, to: 0.999 },
  /** Log multiple above which a rug is worth it, and time until they look again, in ms. */
  worth: { curve: 2.6, pool: -0.5, againMs: 20 * MINUTE },
  /**
   * Log fall that the crowd still wants after a rug, panic in trades a minute and its memory in ms.
   */
  aftermath: { fall: 1.8, panic: 10, panicMs: 6 * MINUTE, life: 0.5 },
}

/** Reports on the token itself. */
export const REPORTS = {
  /** Delay of the second report (first holders, authorities) in ms. */
  secondMs: { from: 40 * SECOND, to: 180 * SECOND },
  /** Growth of the time between reports, from the second to the cap in ms. */
  growth: 1.7,
  capMs: HOUR,
}
