import type { Bundle } from '../bundle.ts'

/** What differs between two bundles: inputs, settings, data and every metric that both have. */
export function diffBundles(a: Bundle, b: Bundle): Record<string, unknown>[] {
  const features = (bundle: Bundle): string[] =>
    bundle.inputs.flatMap(input => input.features ?? [`${input.set}.${input.tensor}`])
  const [before, after] = [features(a), features(b)]
  const plain = [
    ['kind', a.kind, b.kind],
    ['algorithm', a.algorithm, b.algorithm],
    ['heads', a.heads, b.heads],
    ['data', a.data, b.data],
    ['bytes', a.model.bytes, b.model.bytes],
  ] as const
  return [
    ...plain
      .filter(([, x, y]) => JSON.stringify(x) !== JSON.stringify(y))
      .map(([field, x, y]) => ({ field, a: x, b: y })),
    ...before
      .filter(name => !after.includes(name))
      .map(feature => ({ field: 'inputs', onlyA: feature })),
    ...after
      .filter(name => !before.includes(name))
      .map(feature => ({ field: 'inputs', onlyB: feature })),
    ...a.metrics.flatMap(metric => {
      const other = b.metrics.find(
        ({ head, part, name }) =>
          head === metric.head && part === metric.part && name === metric.name,
      )
      if (other === undefined || other.value === metric.value) return []
      const { head, part, name, value } = metric
      return [
        {
          field: 'metric',
          head,
          part,
          name,
          a: value,
          b: other.value,
          change: other.value - value,
        },
      ]
    }),
  ]
}
