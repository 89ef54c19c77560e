import { TOKEN, WSOL } from '../../../lib/sources/decode/programs.ts'
import { JUPITER, SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { DOG, THIEF, type Token, US, WRAPPED } from './cast.ts'
import { createAccount, type Step, tokenCall, transfer } from './exchange.ts'

type Spoil = (steps: Step[], token: Token) => Step[]

const ALL_DOGS = [0, 0x3f, 0x3b, 0xa1, 1, 0, 0, 0]
const adds =
  (...more: Step[]): Spoil =>
  steps => [...steps, ...more]

/** Changes the swap itself. */
const swap =
  (change: (step: Step, token: Token) => Step): Spoil =>
  (steps, token) =>
    steps.map(step => (step.programId === JUPITER ? change(step, token) : step))

/** Puts another account at a place of it. */
const place = (at: number, pubkey: string): Spoil =>
  swap(step => ({
    ...step,
    accounts: step.accounts.map((each, i) => (i === at ? { ...each, pubkey } : each)),
  }))

const amount = (change: (data: Buffer) => void): Spoil =>
  swap(step => {
    const data = Buffer.from(step.data, 'base64')
    change(data)
    return { ...step, data: data.toString('base64') }
  })

/**
 * What a hostile exchange makes of a swap: the shapes of test/live/kit/hostile.ts that need no
 * program of their own. None of it may ever be signed.
 */
export const HOSTILE_STEPS: Readonly<Record<string, Spoil>> = {
  'second swap': steps => steps.flatMap(s => (s.programId === JUPITER ? [s, s] : [s])),
  'SOL for a thief': adds(transfer(THIEF, 1_000_000_000n)),
  'more SOL wrapped': adds(transfer(WRAPPED, 3_000_000_000n), tokenCall([17], WRAPPED)),
  'a delegate': adds(tokenCall([4, ...ALL_DOGS], DOG.ours, THIEF, US)),
  'another owner': adds(tokenCall([6, 2, 1, ...Buffer.alloc(32, 9)], DOG.ours, US)),
  'another token moved': adds(tokenCall([3, ...ALL_DOGS], DOG.ours, DOG.tokenVault, US)),
  'another account closed': adds(tokenCall([9], DOG.ours, THIEF, US)),
  'wrapped SOL closed to a thief': steps => [
    ...steps.slice(0, -1),
    tokenCall([9], WRAPPED, THIEF, US),
  ],
  'an account for a thief': adds(createAccount(DOG.tokenVault, THIEF, DOG.mint)),
  'a foreign destination': place(2, DOG.tokenVault),
  'a foreign authority': place(0, THIEF),
  'another source': place(1, DOG.ours),
  'another mint': place(4, DOG.mint),
  'our dogs behind the swap': swap(step => ({
    ...step,
    accounts: [...step.accounts, { pubkey: DOG.ours, isSigner: false, isWritable: true }],
  })),
  'twice the amount': amount(data => data.writeBigUInt64LE(2n * data.readBigUInt64LE(8), 8)),
  'half of what was quoted': amount(data =>
    data.writeBigUInt64LE(data.readBigUInt64LE(16) / 2n, 16),
  ),
  'any price': amount(data => data.writeUInt16LE(9900, 24)),
  'our wallet given away': adds({
    programId: SYSTEM,
    accounts: [{ pubkey: US, isSigner: true, isWritable: true }],
    data: Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.alloc(32, 9)]).toString('base64'),
  }),
  'a nonce': steps => [
    {
      programId: SYSTEM,
      accounts: [THIEF, WSOL, US].map(pubkey => ({ pubkey, isSigner: false, isWritable: true })),
      data: Buffer.from([4, 0, 0, 0]).toString('base64'),
    },
    ...steps,
  ],
  'a program of nobody': adds({ programId: THIEF, accounts: [], data: '' }),
  'another signer': swap(step => ({
    ...step,
    accounts: [...step.accounts, { pubkey: THIEF, isSigner: true, isWritable: false }],
  })),
  'tokens burned': adds(tokenCall([8, ...ALL_DOGS], DOG.ours, DOG.mint, US)),
  'another call of the token program': adds({
    programId: TOKEN,
    accounts: [{ pubkey: DOG.ours, isSigner: false, isWritable: true }],
    data: Buffer.from([22]).toString('base64'),
  }),
}
