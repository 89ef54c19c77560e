import type { GateCase } from '../gate-case.ts'
import { holds, type Rule } from '../rule.ts'

/** A live mint authority can print tokens and drain the pool with them. */
export const mint: Rule<GateCase> = {
  name: 'mint',
  doc: 'mint authority is revoked',
  unit: 'boolean',
  judge: ({ token }) => holds(token?.mintRevoked),
}
