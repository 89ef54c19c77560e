import { bool, duration, file, int, num, sol } from '../base/flags.ts'
import { atMost, holds, PASS } from './rule.ts'
import { tradeRule } from './trade-case.ts'

/** The book of execute is always known. */
const NEVER = 'never: it is a matter of the own book'
/** Newest event against the wall clock, in ms; a chain and its providers lag by 1 to 2 s. */
const MAX_CLOCK_GAP_MS = 5000

/**
 * The rules of `execute` before a buy, in the order in which they are judged and reported. The only
 * list of them: flags, `--without`, limits, help and reference follow from it.
 */
export const TRADE_RULES = [
  // Buys in flight count: two of them must not both take the last place.
  tradeRule({
    name: 'positions',
    doc: 'open positions and buys in flight stay at or below --max-positions',
    unit: 'count',
    unknown: NEVER,
    flags: { maxPositions: int('most positions at a time', { default: 3, min: 0 }) },
    judge: ({ positions }, { maxPositions }) => atMost(positions + 1, maxPositions),
  }),
  // Cash is never promised twice, and enough stays to pay for the exits.
  tradeRule({
    name: 'cash',
    doc: 'free cash covers size, fees, rent and --reserve',
    unit: 'boolean',
    unknown: NEVER,
    flags: { reserve: sol('cash kept back to pay for exits', { default: '0.01' }) },
    judge: ({ need, free }, { reserve }) => holds(need + reserve <= free),
  }),
  // A size that came out wrong is refused, not cut: something upstream is broken.
  tradeRule({
    name: 'per-trade',
    doc: 'size is above 0 and at most --max-per-trade',
    unit: 'boolean',
    unknown: NEVER,
    flags: { maxPerTrade: sol('largest buy', { default: '1' }) },
    judge: ({ size }, { maxPerTrade }) => holds(size > 0n && size <= maxPerTrade),
  }),
  // Bounds what a runaway signal can spend before somebody looks.
  tradeRule({
    name: 'per-day',
    doc: 'spent since midnight UTC, buys in flight and this one included, is at most --max-per-day',
    unit: 'boolean',
    unknown: NEVER,
    flags: { maxPerDay: sol('most spent on buys per UTC day', { default: '20' }) },
    judge: ({ size, spentToday }, { maxPerDay }) => holds(spentToday + size <= maxPerDay),
  }),
  // A bad day ends by itself.
  tradeRule({
    name: 'daily-loss',
    doc: 'realised loss since midnight UTC is below --max-daily-loss',
    unit: 'boolean',
    unknown: NEVER,
    halt: 'the daily loss limit is reached',
    flags: { maxDailyLoss: sol('realised loss per UTC day that ends buying', { default: '1' }) },
    judge: ({ earnedToday }, { maxDailyLoss }) => holds(-earnedToday < maxDailyLoss),
  }),
  // Equity with open positions at what they would bring now, against the highest realised equity.
  tradeRule({
    name: 'drawdown',
    doc: 'fall of equity from its peak is at most --max-drawdown',
    unit: 'fraction',
    unknown: NEVER,
    halt: 'the drawdown limit is reached',
    flags: {
      maxDrawdown: num('fall of equity from its peak that ends buying', {
        default: 0.25,
        min: 0,
        max: 1,
      }),
    },
    judge: ({ drawdown }, { maxDrawdown }) => atMost(drawdown, maxDrawdown),
  }),
  // Losses in a row say that the market is not the one the model learned; a pause lets it pass.
  tradeRule({
    name: 'streak',
    doc: 'fewer than --max-streak losses in a row, or --streak-pause has passed since the last one',
    unit: 'count',
    unknown: NEVER,
    flags: {
      maxStreak: int('losses in a row that pause buying', { default: 5, min: 1 }),
      streakPause: duration('how long they pause it', { default: '1h' }),
    },
    judge: ({ streak, sinceLossMs }, { maxStreak, streakPause }) =>
      sinceLossMs !== undefined && sinceLossMs >= streakPause
        ? PASS
        : atMost(streak, maxStreak - 1),
  }),
  // A file that stops all buying while it exists. Sells go on.
  tradeRule({
    name: 'kill-switch',
    doc: 'the file of --kill-switch does not exist',
    unit: 'boolean',
    unknown: 'never: without a file it passes',
    halt: 'the kill switch is set',
    flags: { killSwitch: file('no buys while this file exists, or cannot be looked at') },
    judge: ({ isKilled }) => holds(!isKilled),
  }),
  // An old decision was made on another market.
  tradeRule({
    name: 'stale',
    doc: 'the decision is at most --max-age old, in event time',
    unit: 'ms',
    unknown: 'never: each line has its time',
    flags: { maxAge: duration('oldest decision to act on', { default: '10s' }) },
    judge: ({ ageMs }, { maxAge }) => atMost(ageMs, maxAge),
  }),
  // What nobody could check is not safe. Live trading always asks for it.
  tradeRule({
    name: 'unknown',
    doc: 'gate could judge all its rules; asked with --strict-unknown, and always live',
    unit: 'boolean',
    on: false,
    unknown: 'never: a decision that names no unknown rule has none',
    flags: { strictUnknown: bool('refuse decisions with rules that gate could not judge') },
    judge: ({ unknown }) => holds(unknown.length === 0),
  }),
  // One decision buys once, and a token is bought once at a time.
  tradeRule({
    name: 'duplicate',
    doc: 'decision is new, and the token is neither held nor being bought',
    unit: 'boolean',
    unknown: NEVER,
    judge: ({ isDuplicate }) => holds(!isDuplicate),
  }),
  // When the newest event is not from now, the market on the screen is not the market. Live only.
  tradeRule({
    name: 'clock',
    doc: 'wall clock and newest event differ by at most 5 s; live only',
    unit: 'ms',
    unknown: 'never: on paper, and live before the first line, it passes',
    judge: ({ clockGapMs }) =>
      clockGapMs === undefined ? PASS : atMost(clockGapMs, MAX_CLOCK_GAP_MS),
  }),
] as const
