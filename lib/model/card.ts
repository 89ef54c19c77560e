import type { Bundle } from './bundle.ts'

/** Significant digits for people; the bundle keeps all. */
const short = (value: number): string =>
  String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
const day = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

/**
 * A model card for people: what it says, where it comes from, how well it does, what it must not be
 * used for.
 */
export function cardText(bundle: Bundle): string {
  const { name, version, kind, algorithm, data, metrics, inputs, heads, model } = bundle
  const settings = Object.entries(algorithm.settings).map(
    ([key, value]) => `${key} ${JSON.stringify(value)}`,
  )
  const parts = Object.entries(data.parts).map(
    ([part, at]) =>
      `| ${part} | ${at.rows} | ` +
      `${at.positives === undefined ? '' : short(at.positives / Math.max(1, at.rows))} | ` +
      `${day(at.from)} | ${day(at.to)} |`,
  )
  const rows = metrics.map(
    at =>
      `| ${at.head} | ${at.part} | ${at.name} | ${short(at.value)} | ` +
      `${at.low === undefined ? '' : `${short(at.low)} to ${short(at.high ?? at.low)}`} |`,
  )
  const features = inputs.flatMap(
    input => input.features ?? [`${input.tensor} ${input.shape?.join('×')}`],
  )
  const headNames = heads.map(
    head => head.name + (head.calibration ? ` (${head.calibration})` : ''),
  )
  return [
    ...exampleLine(bundle),
    `# ${name} ${version}`,
    '',
    ...spreadTable(bundle),
    `Kind ${kind}; heads ${headNames.join(', ')}; ` +
      `${algorithm.name} (${settings.join(', ')}), seed ${bundle.seed}. ${model.file} ` +
      `${model.bytes} bytes, sha256 ${model.sha256.slice(0, 16)}.`,
    '',
    '## Data',
    '',
    `${data.source}. Label: ${data.label}. Hash ${data.hash.slice(0, 16)}.`,
    '',
    '| part | rows | base rate | from (UTC) | to (UTC) |',
    '|---|---|---|---|---|',
    ...parts,
    '',
    '## Metrics',
    '',
    '| head | part | metric | value | 95 % interval |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...reliabilityTable(bundle),
    ...peerTable(bundle),
    ...importanceTable(bundle),
    `## Inputs`,
    '',
    features.map(feature => `\`${feature}\``).join(', '),
    '',
    '## Limits',
    '',
    ...bundle.notes.map(note => `- ${note}`),
    '',
  ].join('\n')
}

/** The first line of all says what is here as an example only. */
const exampleLine = ({ example }: Bundle): string[] =>
  example === undefined ? [] : [`**Example only: ${example}**`, '']

/** Parts that are later periods, folds, or paths of combinatorial cross-validation. */
const PERIOD = /^(fold|later|path|period)/

/** How far the figures of one period lie from those of another: more than one interval can say. */
function spreadTable({ metrics }: Bundle): string[] {
  const of = metrics.filter(({ part }) => PERIOD.test(part))
  const keys = [...new Set(of.map(({ head, name }) => `${head} | ${name}`))]
  const rows = keys.flatMap(key => {
    const values = of.filter(({ head, name }) => `${head} | ${name}` === key)
    const numbers = values.map(({ value }) => value)
    return key.endsWith(' rows')
      ? []
      : [
          `| ${key} | ${short(Math.min(...numbers))} to ${short(Math.max(...numbers))} | ` +
            `${values.map(({ part, value }) => `${part} ${short(value)}`).join(', ')} |`,
        ]
  })
  const head = ['| head | metric | lowest to highest | by period |', '|---|---|---|---|']
  const told =
    rows.length > 0
      ? [...head, ...rows]
      : ['Not measured over several periods: the intervals below hold for the days of its test.']
  return ['## Over folds and time', '', ...told, '']
}

function reliabilityTable({ reliability }: Bundle): string[] {
  if (reliability === undefined) return []
  const rows = reliability.map(
    ({ head, from, to, rows: n, said, happened, low, high }) =>
      `| ${head} | ${short(from)} to ${short(to)} | ${n} | ${short(said)} | ` +
      `${short(happened)} | ${short(low)} to ${short(high)} |`,
  )
  const head = [
    '| head | said | rows | mean said | share that happened | 95 % interval |',
    '|---|---|---|---|---|---|',
  ]
  return ['## Calibration on the test rows', '', ...head, ...rows, '']
}

function peerTable({ peers }: Bundle): string[] {
  if (peers === undefined) return []
  const rows = peers.map(
    ({ name, metric, value, low, high }) =>
      `| ${name} | ${metric} | ${short(value)} | ` +
      `${low === undefined ? '' : `${short(low)} to ${short(high ?? low)}`} |`,
  )
  const head = ['| program | metric | value | 95 % interval |', '|---|---|---|---|']
  return [
    '## Others, trained on all rows before the test, on the same test rows',
    '',
    ...head,
    ...rows,
    '',
  ]
}

function importanceTable({ importance }: Bundle): string[] {
  if (importance === undefined) return []
  const top = Object.entries(importance)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
  return ['## Importance', '', ...top.map(([feature, share]) => `- ${feature} ${short(share)}`), '']
}
