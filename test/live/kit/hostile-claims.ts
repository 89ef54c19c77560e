import { Keypair } from '@solana/web3.js'
import { loadSolana } from '../../../lib/trade/live/chain/solana.ts'
import { checkClaim } from '../../../lib/trade/live/sign/check-claim.ts'
import { compileTx } from '../../../lib/trade/live/sign/compile-tx.ts'
import { Refused } from '../../../lib/trade/live/sign/refused.ts'
import type { SwapInstruction } from '../../../lib/trade/live/sign/swap-parts.ts'
import { txParts } from '../../../lib/trade/live/sign/tx-parts.ts'
import { compileOne } from '../../../lib/trade/live/sign/version-one.ts'

const NAMES = ['wallet', 'account', 'thief', 'other', 'program'] as const
type Who = Record<(typeof NAMES)[number], string>

/** A transaction that is to close a token account of ours, and what becomes of it. */
interface Claim {
  name: string
  /** Why it is refused; `taken` = it is not. */
  reason: string
  kind?: 'excess'
  payer?: keyof Who
  version?: 1
  steps(who: Who): SwapInstruction[]
}

/** An instruction of the token program; of its accounts the third signs, where that is us. */
const call = (
  { wallet, program }: Who,
  data: readonly number[],
  accounts: readonly string[],
  of = program,
): SwapInstruction => ({
  programId: of,
  accounts: accounts.map((pubkey, at) => ({
    pubkey,
    isSigner: at === 2 && pubkey === wallet,
    isWritable: at < 2,
  })),
  data: Buffer.from(data).toString('base64'),
})
const CLOSE = 9
const EXCESS = 38
const close = (who: Who): SwapInstruction =>
  call(who, [CLOSE], [who.account, who.wallet, who.wallet])
const does =
  (...data: number[]): Claim['steps'] =>
  who => [call(who, data, [who.account, who.wallet, who.wallet])]

export const CLAIMS: readonly Claim[] = [
  { name: 'a close', reason: 'taken', steps: who => [close(who)] },
  { name: 'a close in version 1', reason: 'taken', version: 1, steps: who => [close(who)] },
  { name: 'the excess', reason: 'taken', kind: 'excess', steps: does(EXCESS) },
  {
    name: 'a close to somebody else',
    reason: 'close-account',
    steps: who => [call(who, [CLOSE], [who.account, who.thief, who.wallet])],
  },
  {
    name: 'a close of another account',
    reason: 'close-account',
    steps: who => [call(who, [CLOSE], [who.other, who.wallet, who.wallet])],
  },
  {
    name: 'a close by another authority',
    reason: 'close-account',
    steps: who => [call(who, [CLOSE], [who.account, who.wallet, who.thief])],
  },
  {
    name: 'a close that names another account',
    reason: 'close-account',
    steps: who => [call(who, [CLOSE], [who.account, who.wallet, who.wallet, who.other])],
  },
  {
    name: 'a second close',
    reason: 'foreign-program',
    steps: who => [close(who), call(who, [CLOSE], [who.other, who.wallet, who.wallet])],
  },
  {
    name: 'a close by another program',
    reason: 'foreign-program',
    steps: who => [call(who, [CLOSE], [who.account, who.wallet, who.wallet], who.other)],
  },
  { name: 'a transfer', reason: 'token-call', steps: does(3) },
  { name: 'an approval', reason: 'token-call', steps: does(4) },
  { name: 'another authority', reason: 'token-call', steps: does(6) },
  { name: 'excess instead of a close', reason: 'token-call', steps: does(EXCESS) },
  { name: 'a close instead of excess', reason: 'token-call', kind: 'excess', steps: does(CLOSE) },
  { name: 'more than the instruction', reason: 'token-call', steps: does(CLOSE, 1) },
  {
    name: 'paid by somebody else',
    reason: 'fee-payer',
    payer: 'thief',
    steps: who => [close(who)],
  },
  { name: 'nothing at all', reason: 'foreign-program', steps: () => [] },
  {
    name: 'a fee for priority in the header',
    reason: 'priority-fee',
    version: 1,
    kind: 'excess',
    steps: does(EXCESS),
  },
]

/** Why a claim is refused, or `taken`. */
export async function judgeClaim({ kind, payer = 'wallet', version, reason, steps }: Claim) {
  const solana = await loadSolana()
  const who = Object.fromEntries(
    NAMES.map(name => [name, Keypair.generate().publicKey.toBase58()]),
  ) as Who
  const { wallet, account, program, thief: blockhash } = who
  const terms = { wallet, account, program, back: 2_039_280n, rent: 0n }
  const parts = { payer: who[payer], blockhash, instructions: steps(who) }
  const fee = reason === 'priority-fee' ? 1n : 0n
  const bytes =
    version === 1
      ? compileOne({ ...parts, units: 10_000n, fee })
      : compileTx(solana, { ...parts, tables: new Map() })
  try {
    checkClaim(txParts(solana, bytes!, new Map()), { ...terms, kind: kind ?? 'close' })
    return 'taken'
  } catch (error) {
    if (error instanceof Refused) return error.reason
    throw error
  }
}
