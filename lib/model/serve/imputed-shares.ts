import type { Prediction } from '../../records/prediction.ts'

/** Inputs named in a note; a model has more of them seldom. */
const MAX_NAMES = 12

interface Seen {
  lines: number
  names: Map<string, number>
}

/** Counts which inputs of each model were unknown and replaced, in how many of its lines. */
export function makeImputed() {
  const models = new Map<string, Seen>()
  return {
    see(prediction: Prediction): void {
      for (const model in prediction) {
        const { error, imputed = [] } = prediction[model]!
        if (error !== undefined) continue
        let seen = models.get(model)
        if (seen === undefined) models.set(model, (seen = { lines: 0, names: new Map() }))
        seen.lines++
        for (const name of imputed) seen.names.set(name, (seen.names.get(name) ?? 0) + 1)
      }
    },
    /** For the summary: `imputed sequence`, `holders 100%, liquidity 40%`, the most first. */
    notes: (): [what: string, value: string][] =>
      [...models].flatMap(([model, { lines, names }]): [string, string][] => {
        const shares = [...names].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        if (shares.length === 0) return []
        const told = shares.slice(0, MAX_NAMES).map(([name, n]) => `${name} ${share(n / lines)}`)
        const rest = shares.length - told.length
        return [[`imputed ${model}`, told.join(', ') + (rest > 0 ? ` and ${rest} more` : '')]]
      }),
  }
}

/** Never 0 % of what was there, nor 100 % of what was not in every line. */
const share = (part: number): string =>
  part === 1 ? '100%' : `${Math.min(99, Math.max(1, Math.round(part * 100)))}%`
