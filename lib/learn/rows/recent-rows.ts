import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Aim } from '../../maths/loss.ts'
import { type Bundle, isCurrentHash } from '../../model/bundle.ts'
import { aimOf } from '../../model/heads.ts'
import { type InputReader, makeInputReader } from '../../model/input.ts'
import type { GraphInput } from '../../onnx/session.ts'
import type { FeatureSet } from '../../records/features.ts'
import { OUTCOMES } from '../../records/prediction.ts'
import { quote } from '../../store/duck/sql.ts'
import { query } from '../../store/query/query.ts'
import type { Labelled } from './score-rows.ts'

/** Newest labelled lines that are read: a tensor makes a line ten times as large. */
const MOST = { lines: 20_000, tensors: 5000 }

/** What is read: the label of a head, at the horizon that it was learned at. */
interface Asked {
  home: string
  label: string
  horizon: string
}

/** A line with what is read of it. */
export interface RecentLine {
  mint: string
  ts: number
  label: number
  features: Record<string, FeatureSet>
}

/**
 * The newest labelled lines of the home as versions of a model read them: no export, seconds. Lines
 * that one of the versions does not take are left out, so that all are asked about the same ones.
 * Undefined where there is none.
 */
export async function recentRows(
  { home, label, horizon }: Asked,
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Labelled | undefined> {
  const aim = aimOf(bundles[0].heads[0]!.name)
  const readers = new Map(bundles.map(bundle => [bundle, readersOf(bundle)]))
  const all = [...readers.values()].flat()
  const hasTensor = bundles.some(({ inputs }) => inputs.some(input => input.tensor !== undefined))
  const sql = `SELECT mint, ts, (label->'${label}') AS said, features FROM training_lines
    WHERE (label->>'horizon') = ${quote(horizon)} AND (label->>'${label}') IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY mint, ts // 86400000 ORDER BY ts, id) = 1
    ORDER BY ts DESC LIMIT ${hasTensor ? MOST.tensors : MOST.lines}`
  const lines: RecentLine[] = []
  for await (const rows of query({ home, sql }))
    for (const row of rows) {
      const line = { ...row, label: numberOf(aim, row.said) } as unknown as RecentLine
      if (Number.isFinite(line.label) && all.every(reader => isRead(reader, line))) lines.push(line)
    }
  if (lines.length === 0) return undefined
  lines.reverse()
  return {
    aim,
    time: Float64Array.from(lines, line => line.ts),
    labels: [Float64Array.from(lines, line => line.label)],
    names: aim === 'classes' ? OUTCOMES : undefined,
    groups: groupNumbers(lines.map(line => line.mint)),
    // Guard and trial go by the first head; the others are held to in training.
    others: [],
    newest: lines.at(-1)!.ts,
    feeds: (bundle, rows) =>
      (readers.get(bundle) ?? readersOf(bundle)).map((reader, k) =>
        feedOf(bundle.inputs[k]!.name, reader, lines, rows),
      ),
  }
}

/** Readers of the inputs of a version, in their order. */
export const readersOf = ({ inputs }: Bundle): InputReader[] =>
  inputs.map(input => makeInputReader(input, isCurrentHash))

function numberOf(aim: Aim, said: unknown): number {
  if (aim === 'classes') {
    const at = (OUTCOMES as readonly unknown[]).indexOf(said)
    return at < 0 ? Number.NaN : at
  }
  return typeof said === 'number' || typeof said === 'boolean' ? Number(said) : Number.NaN
}

/** Whether an input takes what the line has of its set. */
export function isRead(reader: InputReader, { features }: RecentLine): boolean {
  const set = features?.[reader.set]
  const row = new Float32Array(reader.width)
  return set !== undefined && reader.fill(set, row, 0, []) === undefined
}

/** Some lines as an input takes them. */
export function feedOf(
  name: string,
  reader: InputReader,
  lines: readonly RecentLine[],
  rows: Int32Array,
): GraphInput {
  const data = new Float32Array(rows.length * reader.width)
  for (const [i, row] of rows.entries())
    reader.fill(lines[row]!.features[reader.set]!, data, i * reader.width, [])
  return { name, data, shape: [...reader.shape] }
}
