import { PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js'
import { TOKEN, TOKEN_2022, WSOL } from '../../lib/sources/decode/programs.ts'
import { u16, u64 } from '../lib/sources/decode/bytes.ts'

/**
 * Instructions of the token programs, written after spl-token instruction.rs and its Token-2022
 * extensions.
 */
export const TOKEN_ID = new PublicKey(TOKEN)
export const TOKEN_2022_ID = new PublicKey(TOKEN_2022)
export const NATIVE_MINT = new PublicKey(WSOL)
const ASSOCIATED = new PublicKey('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL')

const MINT_BYTES = 82
/** An account with extensions is padded to the length of a token account, then its type. */
const EXTENDED_BYTES = 166

type Key = readonly [key: PublicKey, isWritable?: boolean, isSigner?: boolean]

function instruction(
  programId: PublicKey,
  keys: readonly Key[],
  ...data: (number | Buffer)[]
): TransactionInstruction {
  const metas = keys.map(([pubkey, isWritable = false, isSigner = false]) => ({
    pubkey,
    isWritable,
    isSigner,
  }))
  const parts = data.map(part => (typeof part === 'number' ? Buffer.from([part]) : part))
  return new TransactionInstruction({ programId, keys: metas, data: Buffer.concat(parts) })
}

const optional = (key: PublicKey | undefined): Buffer =>
  key === undefined ? Buffer.alloc(33) : Buffer.concat([Buffer.from([1]), key.toBuffer()])

/** Address of the token account that an owner has for a mint by convention. */
export const ata = (mint: PublicKey, owner: PublicKey, program = TOKEN_ID): PublicKey =>
  PublicKey.findProgramAddressSync(
    [owner.toBuffer(), program.toBuffer(), mint.toBuffer()],
    ASSOCIATED,
  )[0]

/** Makes the associated account unless it is there. */
export const createAta = (
  payer: PublicKey,
  mint: PublicKey,
  owner: PublicKey,
  program = TOKEN_ID,
) =>
  instruction(
    ASSOCIATED,
    [
      [payer, true, true],
      [ata(mint, owner, program), true],
      [owner],
      [mint],
      [SystemProgram.programId],
      [program],
    ],
    1,
  )

export const mintTo = (
  mint: PublicKey,
  to: PublicKey,
  by: PublicKey,
  amount: bigint,
  program = TOKEN_ID,
) =>
  instruction(
    program,
    [
      [mint, true],
      [to, true],
      [by, false, true],
    ],
    7,
    u64(amount),
  )
export const burn = (
  from: PublicKey,
  mint: PublicKey,
  by: PublicKey,
  amount: bigint,
  program = TOKEN_ID,
) =>
  instruction(
    program,
    [
      [from, true],
      [mint, true],
      [by, false, true],
    ],
    8,
    u64(amount),
  )
export const closeAccount = (
  account: PublicKey,
  to: PublicKey,
  by: PublicKey,
  program = TOKEN_ID,
) =>
  instruction(
    program,
    [
      [account, true],
      [to, true],
      [by, false, true],
    ],
    9,
  )
export const freeze = (account: PublicKey, mint: PublicKey, by: PublicKey, program = TOKEN_ID) =>
  instruction(program, [[account, true], [mint], [by, false, true]], 10)
export const syncNative = (account: PublicKey) => instruction(TOKEN_ID, [[account, true]], 17)
/** Gives the authority over minting (0) or freezing (1) up for good. */
export const revoke = (mint: PublicKey, by: PublicKey, which: 0 | 1, program = TOKEN_ID) =>
  instruction(
    program,
    [
      [mint, true],
      [by, false, true],
    ],
    6,
    which,
    Buffer.alloc(33),
  )
export const pause = (mint: PublicKey, by: PublicKey) =>
  instruction(
    TOKEN_2022_ID,
    [
      [mint, true],
      [by, false, true],
    ],
    44,
    1,
  )

/** An extension of a Token-2022 mint: length of its data, and the instruction that puts it in. */
export interface Extension {
  bytes: number
  initialize(mint: PublicKey): TransactionInstruction
}

const extension = (bytes: number, ...data: (number | Buffer)[]): Extension => ({
  bytes,
  initialize: mint => instruction(TOKEN_2022_ID, [[mint, true]], ...data),
})

export const EXTENSIONS = {
  transferFee: (authority: PublicKey, bps: number, most: bigint) =>
    extension(108, 26, 0, optional(authority), optional(authority), u16(bps), u64(most)),
  closeAuthority: (authority: PublicKey) => extension(32, 25, optional(authority)),
  defaultFrozen: () => extension(1, 28, 0, 2),
  nonTransferable: () => extension(0, 32),
  permanentDelegate: (delegate: PublicKey) => extension(32, 35, delegate.toBuffer()),
  transferHook: (authority: PublicKey, program: PublicKey) =>
    extension(64, 36, 0, authority.toBuffer(), program.toBuffer()),
  pausable: (authority: PublicKey) => extension(33, 44, 0, authority.toBuffer()),
}

export interface MintOptions {
  decimals: number
  mintAuthority: PublicKey
  freezeAuthority?: PublicKey | undefined
  extensions?: readonly Extension[]
}

/** Makes a mint; with extensions it is one of Token-2022. */
export function createMint(
  payer: PublicKey,
  mint: PublicKey,
  program: PublicKey,
  lamportsFor: (bytes: number) => number,
  { decimals, mintAuthority, freezeAuthority, extensions = [] }: MintOptions,
): TransactionInstruction[] {
  const extra = extensions.reduce((sum, { bytes }) => sum + 4 + bytes, 0)
  const space = extra === 0 ? MINT_BYTES : EXTENDED_BYTES + extra
  return [
    SystemProgram.createAccount({
      fromPubkey: payer,
      newAccountPubkey: mint,
      space,
      lamports: lamportsFor(space),
      programId: program,
    }),
    ...extensions.map(({ initialize }) => initialize(mint)),
    instruction(
      program,
      [[mint, true]],
      20,
      decimals,
      mintAuthority.toBuffer(),
      optional(freezeAuthority),
    ),
  ]
}
