import assert from 'node:assert/strict'
import test from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeIntake } from '../../../lib/stream/intake.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { setPart } from '../../../lib/stream/line.ts'
import { makeMeter } from '../../../lib/stream/meter.ts'
import type { Step } from '../../../lib/stream/step.ts'
import { cutsOf, findLookahead } from '../../../lib/verify/prefix.ts'
import { compareServed } from '../../../lib/verify/served.ts'
import { makeTransform, type Transform } from '../../../lib/verify/transform.ts'
import { makeStep, market, run, T0 } from '../features/lines.ts'

const recs = Array.from({ length: 300 }, (_, i) =>
  market(
    T0 + i * 1000,
    { priceSol: 1 + ((i * 7) % 13), quoteAmount: String(1000 + i) },
    i % 2 ? 'CAT' : 'DOG',
  ),
)
const raws = recs.map(rec => JSON.stringify(rec))
const strict = { skip: false, max: 0, reject: () => {} }
const transformOf = (make: () => Step): Transform =>
  makeTransform(async () => [
    { name: 'planted', step: make(), intake: makeIntake([], strict), meter: makeMeter() },
  ])

const priceOf = (line: Line): number => line.rec.market?.priceSol ?? 0
const mark = (line: Line, score: number): Line => {
  setPart(line, 'quality', { score, marks: [] })
  return line
}

/**
 * Mean of the price before, this one and the next: emitted one line late, and at the end without a
 * next.
 */
function makeCentred(): Step {
  const held: Line[] = []
  const mean = (lines: Line[]): number =>
    lines.reduce((sum, line) => sum + priceOf(line), 0) / lines.length
  return {
    line: (line, emit) => {
      held.push(line)
      if (held.length > 3) held.shift()
      if (held.length > 1) emit(mark(held.at(-2)!, mean(held)))
    },
    end: emit => {
      const last = held.at(-1)
      if (last !== undefined) emit(mark(last, mean(held.slice(-2))))
    },
  }
}

/** Divides by the highest price of the file. */
function makeNormaliser(): Step {
  const all: Line[] = []
  return {
    line: line => void all.push(line),
    end: emit => {
      const top = Math.max(...all.map(priceOf))
      for (const line of all) emit(mark(line, priceOf(line) / top))
    },
  }
}

test('features pass; a centred window and a whole-file normaliser are caught', async () => {
  const check = (make: () => Step) =>
    findLookahead(transformOf(make), raws, cutsOf(raws.length, 20, makeRng('cuts')))
  assert.equal(await check(() => makeStep().step), undefined)
  const centred = await check(makeCentred)
  assert.ok(centred !== undefined && 'line' in centred)
  assert.equal(centred.line, centred.cut)
  const rising = raws.map((raw, i) => raw.replace(/"priceSol":\d+/, `"priceSol":${i + 1}`))
  const normalised = await findLookahead(
    transformOf(makeNormaliser),
    rising,
    cutsOf(rising.length, 20, makeRng('cuts')),
  )
  assert.ok(normalised !== undefined && 'line' in normalised)
  assert.equal(normalised.line, 1)
})

/** Keeps a line until another of its token has come, and tells the price that it reads there. */
function makePatient(lag?: number): Step {
  const held = new Map<string, Line>()
  return {
    ...(lag === undefined ? {} : { lag }),
    line: (line, emit) => {
      const { mint = '' } = line.rec
      const before = held.get(mint)
      held.set(mint, line)
      if (before !== undefined) emit(mark(before, priceOf(line)))
    },
  }
}

test('a step that waits for the next line is caught, unless it declares its lag', async () => {
  const cuts = cutsOf(raws.length, 20, makeRng('cuts'))
  const patient = await findLookahead(transformOf(makePatient), raws, cuts)
  assert.ok(patient !== undefined && 'stage' in patient)
  assert.deepEqual([patient.stage, patient.lag], ['planted', 0])
  assert.ok(patient.behind < 2, 'one of the last line of each token')
  assert.equal(
    await findLookahead(
      transformOf(() => makePatient(2)),
      raws,
      cuts,
    ),
    undefined,
  )
  const bare: Transform = given => transformOf(makePatient)(given)
  assert.ok((await findLookahead(bare, raws, cuts)) !== undefined, 'also without traces')
})

test('lines that are dropped, or come twice, are not kept back', async () => {
  const seen = new Set<string>()
  const once = (): Step => {
    seen.clear()
    return {
      line: (line, emit) => {
        if (!seen.has(line.rec.id) && priceOf(line) > 3) emit(line)
        seen.add(line.rec.id)
      },
    }
  }
  const twice = [...raws.slice(0, 50), ...raws]
  const cuts = cutsOf(twice.length, 20, makeRng('twice'))
  assert.equal(await findLookahead(transformOf(once), twice, cuts), undefined)
  const both = (): Step => ({ line: (line, emit) => [line, line].forEach(emit) })
  assert.equal(await findLookahead(transformOf(both), twice, cuts), undefined)
})

test('a short file is cut everywhere', async () => {
  let runs = 0
  const count: Transform = async given => {
    runs++
    return [...given]
  }
  await findLookahead(count, raws.slice(0, 7), cutsOf(7, 20, makeRng('x')))
  assert.equal(runs, 8)
})

const features = transformOf(() => makeStep(['pool']).step)

test('served as computed: equal to the last bit, or the first field that is not', async () => {
  const recorded = run(recs, ['pool'])
  assert.deepEqual(await compareServed(features, recorded), { compared: 300, mismatch: undefined })
  const rec = JSON.parse(recorded[150]!) as Rec
  const values = rec.features!.pool!.values!
  const right = values.priceChange3!
  values.priceChange3 = right * (1 + 2 ** -52)
  const wrong = [...recorded.slice(0, 150), JSON.stringify(rec), ...recorded.slice(151)]
  const { mismatch } = await compareServed(features, wrong)
  assert.deepEqual(mismatch, {
    line: 151,
    id: rec.id,
    set: 'pool',
    field: 'values.priceChange3',
    served: values.priceChange3,
    computed: right,
  })
})

test(
  'a set that was not served, or is not computed, is a mismatch; lines before --from are not ' +
    'compared',
  async () => {
    const recorded = run(recs, ['pool'])
    const dropped = [raws[0]!, ...recorded.slice(1)]
    const { mismatch } = await compareServed(features, dropped)
    assert.deepEqual([mismatch?.line, mismatch?.field, mismatch?.served], [1, '', undefined])
    assert.equal((await compareServed(features, dropped, 2)).mismatch, undefined)
  },
)
