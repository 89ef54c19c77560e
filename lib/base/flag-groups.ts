import { type Flag, type Flags, grouped, type Values } from './flags.ts'

/** All of several sets of flags at once: the intersection of a union of records. */
export type Both<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never

/** The flags of several groups as one set, in the order of the groups, each under its title. */
export const joinGroups = <const G extends Record<string, Flags>>(
  groups: G,
): { [K in keyof Both<G[keyof G]>]: Both<G[keyof G]>[K] } =>
  Object.assign({}, ...Object.entries(groups).map(each => grouped(...each))) as never

/** The values of some flags out of those of a whole command; a flag without one has its default. */
export function valuesOf<const F extends Flags>(
  flags: F,
  values: Readonly<Record<string, unknown>>,
): Values<F> {
  const entries = Object.entries(flags).map(([key, flag]) => [key, values[key] ?? flag.default])
  return Object.fromEntries(entries) as Values<F>
}

/** Somebody asked for what is off otherwise: a value without a default, or a switch turned on. */
export const isGiven = (flag: Flag, value: unknown): boolean =>
  flag.default === undefined ? value !== undefined : flag.default === false && value === true
