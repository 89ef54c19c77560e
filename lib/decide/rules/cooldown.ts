import type { GateCase } from '../gate-case.ts'
import { atLeast, PASS, type Rule } from '../rule.ts'

/** One idea per token at a time: a signal that persists is not a new reason to buy. */
export const cooldown: Rule<GateCase> = {
  name: 'cooldown',
  doc: 'at least --cooldown since the last buy decision on this token',
  unit: 'ms',
  judge: ({ sinceBuyMs, limits }) =>
    sinceBuyMs === undefined ? PASS : atLeast(sinceBuyMs, limits.cooldownMs),
}
