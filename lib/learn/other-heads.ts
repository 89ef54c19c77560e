import type { LoadedBundle } from '../model/files.ts'
import { type Bars, type Judgement, judge } from './promotion-judge.ts'
import { type Labelled, scoreRows } from './rows/score-rows.ts'

interface Compared {
  champion: LoadedBundle
  challenger: LoadedBundle
  labelled: Pick<Labelled, 'feeds' | 'others'>
  /** Later rows with one per token. */
  rows: Int32Array
  rules: Pick<Bars, 'minGain'>
}

/**
 * Compares the heads after the first that both versions have, on the rows whose label is known: a
 * version that is better in one thing must not be worse in another that rules go by.
 */
export async function judgeOthers({
  champion,
  challenger,
  labelled,
  rows,
  rules,
}: Compared): Promise<{ name: string; found: Judgement }[]> {
  const judged: { name: string; found: Judgement }[] = []
  for (const { name, aim, labels } of labelled.others) {
    const known = rows.filter(i => !Number.isNaN(labels[i]))
    const both = [champion, challenger].map(({ bundle }) =>
      bundle.heads.find(head => head.name === name),
    )
    if (known.length < 2 || both.includes(undefined)) continue
    const own = { feeds: labelled.feeds, names: undefined }
    const paired = {
      aim,
      labels: [Float64Array.from(known, i => labels[i]!)],
      champion: await scoreRows(champion, own, known, name),
      challenger: await scoreRows(challenger, own, known, name),
    }
    const { version } = challenger.bundle
    judged.push({ name, found: judge(paired, both[1]!.threshold ?? 0.5, version, rules) })
  }
  return judged
}
