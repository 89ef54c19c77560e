import type { Bar } from './bar-strategy.ts'

/** The last bars, newest first, and what is usual for the token. */
export interface Scene {
  bars: readonly [Bar, Bar, Bar]
  /** Mean body of the bars before. */
  usualBody: number
  /** Return of the five bars before the pattern: its sign is the trend that the pattern may end. */
  trend: number
}

/** A reversal pattern: how strongly it shows, 0 = not at all, 1 = as in the textbook. */
interface Pattern {
  name: string
  signal: 'buy' | 'sell'
  /** Confidence of a pattern that just qualifies. */
  base: number
  strength(scene: Scene): number
}

const body = (b: Bar): number => Math.abs(b.close - b.open)
const isUp = (b: Bar): boolean => b.close > b.open
const isDown = (b: Bar): boolean => b.close < b.open
const upperShadow = (b: Bar): number => b.high - Math.max(b.open, b.close)
const lowerShadow = (b: Bar): number => Math.min(b.open, b.close) - b.low
const middle = (b: Bar): number => (b.open + b.close) / 2
const isLong = (b: Bar, scene: Scene): boolean => body(b) >= scene.usualBody
const isSmall = (b: Bar, scene: Scene): boolean => body(b) <= 0.4 * scene.usualBody
/** Body against the usual one: 1 at twice the usual. */
const size = (b: Bar, scene: Scene): number => Math.min(1, body(b) / (2 * scene.usualBody))

/**
 * Reversal patterns after Nison, “Japanese Candlestick Charting Techniques” (2nd ed., ch. 4–6), for
 * markets that never close: a bar opens where the last one closed, so gaps are not asked for.
 */
export const PATTERNS: readonly Pattern[] = [
  {
    name: 'bullish-engulfing',
    signal: 'buy',
    base: 0.55,
    strength: scene => {
      const [now, before] = scene.bars
      const engulfs =
        isDown(before) && isUp(now) && now.open <= before.close && now.close > before.open
      return engulfs && scene.trend < 0 && isLong(now, scene) ? size(now, scene) : 0
    },
  },
  {
    name: 'bearish-engulfing',
    signal: 'sell',
    base: 0.55,
    strength: scene => {
      const [now, before] = scene.bars
      const engulfs =
        isUp(before) && isDown(now) && now.open >= before.close && now.close < before.open
      return engulfs && scene.trend > 0 && isLong(now, scene) ? size(now, scene) : 0
    },
  },
  {
    name: 'hammer',
    signal: 'buy',
    base: 0.45,
    strength: scene => {
      const [now] = scene.bars
      const shadow = lowerShadow(now)
      return scene.trend < 0 &&
        shadow >= 2 * body(now) &&
        upperShadow(now) <= 0.25 * shadow &&
        shadow > scene.usualBody
        ? Math.min(1, shadow / (4 * scene.usualBody))
        : 0
    },
  },
  {
    name: 'shooting-star',
    signal: 'sell',
    base: 0.45,
    strength: scene => {
      const [now] = scene.bars
      const shadow = upperShadow(now)
      return scene.trend > 0 &&
        shadow >= 2 * body(now) &&
        lowerShadow(now) <= 0.25 * shadow &&
        shadow > scene.usualBody
        ? Math.min(1, shadow / (4 * scene.usualBody))
        : 0
    },
  },
  {
    name: 'morning-star',
    signal: 'buy',
    base: 0.6,
    strength: scene => {
      const [now, star, first] = scene.bars
      const shaped = isDown(first) && isLong(first, scene) && isSmall(star, scene) && isUp(now)
      return shaped && scene.trend < 0 && now.close > middle(first) ? size(now, scene) : 0
    },
  },
  {
    name: 'evening-star',
    signal: 'sell',
    base: 0.6,
    strength: scene => {
      const [now, star, first] = scene.bars
      const shaped = isUp(first) && isLong(first, scene) && isSmall(star, scene) && isDown(now)
      return shaped && scene.trend > 0 && now.close < middle(first) ? size(now, scene) : 0
    },
  },
  {
    name: 'three-white-soldiers',
    signal: 'buy',
    base: 0.55,
    strength: scene => {
      const [now, before, first] = scene.bars
      const rising = now.close > before.close && before.close > first.close
      const clean = scene.bars.every(
        b => isUp(b) && isLong(b, scene) && upperShadow(b) <= 0.3 * body(b),
      )
      return rising && clean ? size(now, scene) : 0
    },
  },
  {
    name: 'three-black-crows',
    signal: 'sell',
    base: 0.55,
    strength: scene => {
      const [now, before, first] = scene.bars
      const falling = now.close < before.close && before.close < first.close
      const clean = scene.bars.every(
        b => isDown(b) && isLong(b, scene) && lowerShadow(b) <= 0.3 * body(b),
      )
      return falling && clean ? size(now, scene) : 0
    },
  },
]
