import type { GateCase } from '../gate-case.ts'
import { atLeast, type Rule } from '../rule.ts'

/** The first minutes belong to snipers and their victims. */
export const age: Rule<GateCase> = {
  name: 'age',
  doc: 'token exists for at least --min-token-age',
  unit: 'ms',
  judge: ({ tokenAgeMs, limits }) => atLeast(tokenAgeMs, limits.minTokenAgeMs),
}
