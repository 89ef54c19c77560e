/** One bar of prices and volume, as indicators read it. */
export interface Bar {
  open: number
  high: number
  low: number
  close: number
  volume: number
}

/** Anything whose state is a fixed number of numbers. */
export interface Stateful {
  /** How many numbers `save` gives. */
  readonly size: number
  save(): number[]
  restore(state: readonly number[]): void
}

/**
 * The contract of every indicator: constant work and memory per bar, and a last bar that may still
 * change. `update` takes the next bar, `revise` gives the last one other values, `value` is absent
 * until `warmup` bars came (and where the definition has no value, e.g. a volume-weighted price
 * without volume).
 */
export interface Indicator<In> extends Stateful {
  /** Bars until the first value. */
  readonly warmup: number
  update(input: In): void
  revise(input: In): void
  value(): number | undefined
}

/**
 * What an indicator file says of itself: read by the contract test, the feature table and the
 * README.
 */
export interface About {
  input: 'price' | 'bar'
  definition: string
  /** Multiplying all prices (or volumes) by c multiplies the value by c to this power. */
  degree: { price: number; volume: number }
  // biome-ignore lint/suspicious/noExplicitAny: one list of indicators over different inputs
  make(): Indicator<any>
}

/** How a bar reaches a child: as the next one or as a new version of the last one. */
export type How = 'update' | 'revise'

interface Core<In> {
  warmup: number
  /** Numbers carried from bar to bar. */
  scalars: number
  children?: readonly Stateful[]
  /**
   * Writes every number of `now` from `was` (the state before this bar) and the bar; passes `how`
   * on to children.
   */
  apply(input: In, was: Float64Array, now: Float64Array, bars: number, how: How): void
  read(now: Float64Array): number | undefined
}

/**
 * Builds an indicator from its recursion. A value that is not finite (overflow of absurd prices)
 * reads as absent.
 */
export function makeIndicator<In>(core: Core<In>): Indicator<In> {
  const { scalars, children = [] } = core
  let was = new Float64Array(scalars)
  let now = new Float64Array(scalars)
  let bars = 0
  const update = (input: In): void => {
    const spare = was
    was = now
    now = spare
    core.apply(input, was, now, ++bars, 'update')
  }
  return {
    warmup: core.warmup,
    size: children.reduce((sum, child) => sum + child.size, 1 + 2 * scalars),
    update,
    revise: input => (bars === 0 ? update(input) : core.apply(input, was, now, bars, 'revise')),
    value: () => (bars < core.warmup ? undefined : finite(core.read(now))),
    save: () => [bars, ...was, ...now, ...children.flatMap(child => child.save())],
    restore: state => {
      bars = state[0]!
      was.set(state.slice(1, 1 + scalars))
      now.set(state.slice(1 + scalars, 1 + 2 * scalars))
      restoreAll(children, state, 1 + 2 * scalars)
    },
  }
}

/** Gives each part its stretch of a saved state. */
export function restoreAll(
  parts: readonly Stateful[],
  state: readonly number[],
  from: number,
): void {
  let at = from
  for (const part of parts) {
    part.restore(state.slice(at, at + part.size))
    at += part.size
  }
}

/** The number, `-0` as 0; absent when it is not finite. */
export const finite = (x: number | undefined): number | undefined =>
  x === undefined || !Number.isFinite(x) ? undefined : x + 0
