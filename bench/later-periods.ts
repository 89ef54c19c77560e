/**
 * Measures the shipped candle models over periods of six hours of their test, beside single
 * features and the base rate, and writes the figures into bundle and card:
 *
 *   node --import tsx bench/later-periods.ts [--write]
 *
 * A model that does not beat its best single feature in ranking, and the base rate in Brier score,
 * in every one of them is marked as an example.
 */
import { writeFileSync } from 'node:fs'
import { auc } from '../lib/maths/auc.ts'
import type { Bundle } from '../lib/model/bundle.ts'
import { cardText } from '../lib/model/card.ts'
import { readBundle } from '../lib/model/files.ts'
import { makeBatchReader } from '../lib/model/input.ts'
import { openSession } from '../lib/onnx/session.ts'
import { FILE, GAIN, HOUR, sequenceRows } from './data/sequence-rows.ts'

const MODELS = ['sequence/2024-07-28.1', 'sequence-net/2024-07-28.2']
const SINGLES = ['volatility20', 'parkinson20', 'bbWidth'] as const
const BATCH = 512
const PERIODS = 6

const models = await Promise.all(
  MODELS.map(async path => {
    const dir = new URL(`../models/${path}`, import.meta.url).pathname
    const { bundle, model } = readBundle(dir)
    const session = await openSession(model, bundle.model.minBatch)
    const reader = makeBatchReader(bundle.inputs, () => true)
    const said: number[] = []
    const runs: Promise<void>[] = []
    return { dir, bundle, session, reader, said, runs, most: 0 }
  }),
)
type Model = (typeof models)[number]

async function run({ reader, session, said }: Model): Promise<void> {
  const rows = reader.rows()
  if (rows === 0) return
  const from = said.length
  for (let k = 0; k < rows; k++) said.push(Number.NaN)
  const outputs = await session.run(
    reader.take().map(({ name, data, shape }) => ({ name, shape, data: data.slice() })),
    rows,
  )
  outputs.get('profitable')!.forEach((p, k) => {
    said[from + k] = p
  })
}

const from = models[0]!.bundle.data.parts.test!.from!
const time: number[] = []
const singles: number[][] = SINGLES.map(() => [])
const gain = await sequenceRows(FILE, (rec, set) => {
  if (rec.ts < from || !set.ready) return false
  time.push(rec.ts)
  for (const [s, name] of SINGLES.entries()) singles[s]!.push(set.indicators?.[name] ?? Number.NaN)
  for (const model of models) {
    const added = model.reader.add(rec)
    if ('error' in added) throw new Error(added.error)
    model.most = Math.max(model.most, added.unknown.length)
    if (model.reader.rows() === BATCH) model.runs.push(run(model))
  }
  return true
})
for (const model of models) await Promise.all([...model.runs, run(model)])

const kept = [...time.keys()].filter(i => !Number.isNaN(gain[i]!))
const periodOf = (i: number): number => Math.floor((time[i]! - from) / (PERIODS * HOUR))
const last = Math.max(...kept.map(periodOf))

function figures(bundle: Bundle, said: readonly number[]): Bundle['metrics'] {
  const made: Bundle['metrics'] = []
  for (let period = 0; period <= last; period++) {
    const rows = kept.filter(i => periodOf(i) === period)
    const label = rows.map(i => Number(1 + gain[i]! >= GAIN))
    const yes = label.reduce((sum, y) => sum + y, 0)
    if (yes < 20) continue
    const note = (name: string, value: number): void =>
      void made.push({ head: 'profitable', part: `period${period + 1}`, name, value })
    const p = rows.map(i => said[i]!)
    const base = bundle.data.baseRate ?? yes / rows.length
    const brier = (q: (k: number) => number): number =>
      label.reduce((sum, y, k) => sum + (q(k) - y) ** 2, 0) / rows.length
    const { threshold = 0.5 } = bundle.heads[0]!
    const bought = [...p.keys()].filter(k => p[k]! >= threshold)
    note('rows', rows.length)
    note('baseRate', yes / rows.length)
    note('auc', auc(label, p)!.auc)
    for (const [s, name] of SINGLES.entries())
      note(
        `auc of ${name} alone`,
        auc(
          label,
          rows.map(i => singles[s]![i]!),
        )!.auc,
      )
    note('brierSkill', 1 - brier(k => p[k]!) / brier(() => base))
    if (bought.length > 0)
      note('precision', bought.filter(k => label[k] === 1).length / bought.length)
  }
  return made
}

for (const { dir, bundle, said, session, most } of models) {
  const found = figures(bundle, said)
  for (const { part, name, value } of found)
    process.stdout.write(`${JSON.stringify({ model: bundle.name, part, name, value })}\n`)
  const parts = [...new Set(found.map(({ part }) => part))]
  const of = (part: string, name: string): number =>
    found.find(each => each.part === part && each.name === name)?.value ?? Number.NaN
  const wins = parts.filter(
    part =>
      of(part, 'brierSkill') > 0 &&
      SINGLES.every(name => of(part, 'auc') > of(part, `auc of ${name} alone`)),
  )
  const example =
    wins.length === parts.length
      ? {}
      : {
          example:
            `it ranks better than each single feature and beats the base rate in ${wins.length} ` +
            `of ${parts.length} periods of ${PERIODS} hours of its test; do not trade on it`,
        }
  const { example: _, ...rest } = bundle
  const metrics = [...rest.metrics.filter(({ part }) => !part.startsWith('period')), ...found]
  const next = { ...rest, metrics, mostUnknown: most, ...example }
  process.stdout.write(`${JSON.stringify({ model: bundle.name, mostUnknown: most, ...example })}\n`)
  if (process.argv.includes('--write')) {
    writeFileSync(`${dir}/bundle.json`, `${JSON.stringify(next, null, 1)}\n`)
    writeFileSync(`${dir}/CARD.md`, cardText(next))
  }
  await session.release()
}
