import type { GateCase } from '../gate-case.ts'
import { atMost, type Rule } from '../rule.ts'

/** Ten wallets with most of the supply can end the market together. */
export const top10: Rule<GateCase> = {
  name: 'top10',
  doc: 'share of the ten largest holders, pools excluded, is at most --max-top10',
  unit: 'fraction',
  judge: ({ token, limits }) => atMost(token?.top10Share, limits.maxTop10Share),
}
