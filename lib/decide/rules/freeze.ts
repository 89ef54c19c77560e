import type { GateCase } from '../gate-case.ts'
import { holds, type Rule } from '../rule.ts'

/** A live freeze authority is the common honeypot: bought, frozen, never sold. */
export const freeze: Rule<GateCase> = {
  name: 'freeze',
  doc: 'freeze authority is revoked',
  unit: 'boolean',
  judge: ({ token }) => holds(token?.freezeRevoked),
}
