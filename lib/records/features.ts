import { bool, count, list, map, maybe, name, number, object, type Static, text } from './kit.ts'

/** Numbers as base64 little-endian float32, oldest row first; NaN where unknown. */
export const Tensor = object('a float32 tensor', {
  shape: list('rows, columns', count('size'), 4),
  dtype: maybe(name('f32')),
  data: text('base64 of little-endian float32', 1_000_000),
})
export type Tensor = Static<typeof Tensor>

const values = map(
  'value per feature; unknown is absent',
  number('feature value', 'see feature table'),
)

/** One feature set of one token at one moment. */
export const FeatureSet = object('a feature set', {
  hash: name('first 12 hex digits of the sha256 over the ordered name@version:unit list'),
  ready: bool('enough history to be used'),
  reason: maybe(text('why it is not ready')),
  bars: maybe(count('closed bars seen')),
  padded: maybe(count('bars added at the front')),
  snapshots: maybe(count('pool snapshots in the window')),
  lines: maybe(count('lines of the token seen')),
  regime: maybe(name('what the pool is doing')),
  values: maybe(values),
  context: maybe(values),
  indicators: maybe(values),
  candles: maybe(Tensor),
  window: maybe(Tensor),
})
export type FeatureSet = Static<typeof FeatureSet>

export const Features = map('feature sets by name', FeatureSet)
export type Features = Record<string, FeatureSet>
