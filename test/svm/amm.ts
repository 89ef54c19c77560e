import { type Assembler, makeAssembler, type Register } from './assembler.ts'
import { elf } from './elf.ts'

/**
 * Error of the program when less comes out than asked for: the code that Jupiter has for it too.
 */
export const SLIPPAGE = 6001
export const FEE_BPS = 25n

/**
 * What a swap gives: Uniswap v2 whitepaper §3.2.1, the fee taken off what goes in. All integers,
 * rounded down.
 */
export function swapOut(amount: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  const afterFee = (amount * (10_000n - FEE_BPS)) / 10_000n
  return (reserveOut * afterFee) / (reserveIn + afterFee)
}

/** Accounts of a swap, in order. Both token programs are named: they may be one and the same. */
export const ACCOUNTS = [
  ...(['user', 'source', 'vaultIn', 'vaultOut', 'destination', 'authority'] as const),
  ...(['mintIn', 'mintOut', 'programIn', 'programOut'] as const),
] as const
export type Role = (typeof ACCOUNTS)[number]

/**
 * Data of a swap: amount in, least amount out, seed of the pool (8 bytes) and bump of its
 * authority.
 */
export function swapData(amount: bigint, minOut: bigint, seed: bigint, bump: number): Buffer {
  const out = Buffer.alloc(25)
  out.writeBigUInt64LE(amount, 0)
  out.writeBigUInt64LE(minOut, 8)
  out.writeBigUInt64LE(seed, 16)
  out[24] = bump
  return out
}

/** Places in the frame of the program, from its top downwards. */
const FRAME = {
  table: -80,
  amount: -88,
  minOut: -96,
  out: -104,
  seed: -112,
  bump: -120,
  data: -136,
  metas: -200,
  instruction: -240,
  infos: -464,
  seeds: -496,
  signer: -512,
} as const

/**
 * Fields of a serialized account (entrypoint of Solana programs): marker, flags, key, owner,
 * lamports, length, data.
 */
const FIELD = {
  signer: 1,
  writable: 2,
  executable: 3,
  key: 8,
  owner: 40,
  lamports: 72,
  length: 80,
  data: 88,
} as const
/** Room that the runtime leaves behind the data of an account, and the rent epoch that ends it. */
const GROWTH = 10_240
const AMOUNT_AT = FIELD.data + 64
const DECIMALS_AT = FIELD.data + 44
const TRANSFER_CHECKED = 12

/**
 * A constant-product swap as an sBPF program: 25 bps fee, checked transfers by the token programs
 * themselves, error 6001 when less than the least amount would come out. Its integers are those of
 * `swapOut`.
 */
export function ammProgram(): Buffer {
  const a = makeAssembler()
  findAccounts(a)
  readArguments(a)
  quote(a)
  a.load(8, 'r5', 'r10', FRAME.minOut)
    .jump('atLeast', 'r4', 'r5', 'enough')
    .alu('mov', 'r0', SLIPPAGE)
    .exit()
  a.label('enough')
  transfer(a, {
    from: 'source',
    to: 'vaultIn',
    mint: 'mintIn',
    program: 'programIn',
    by: 'user',
    amount: 'amount',
  })
  const out = {
    from: 'vaultOut',
    to: 'destination',
    mint: 'mintOut',
    program: 'programOut',
  } as const
  transfer(a, { ...out, by: 'authority', amount: 'out' })
  a.alu('mov', 'r0', 0).exit()
  return elf(a.finish())
}

const account = (a: Assembler, to: Register, role: Role): Assembler =>
  a.load(8, to, 'r10', FRAME.table + 8 * ACCOUNTS.indexOf(role))
const frame = (a: Assembler, to: Register, place: number): Assembler =>
  a.alu('mov', to, 'r10').alu('add', to, place)

/**
 * Walks the accounts: data are of any length, and an account that comes twice is a reference to the
 * first.
 */
function findAccounts(a: Assembler): void {
  a.alu('mov', 'r6', 'r1').alu('add', 'r6', 8).alu('mov', 'r7', 0)
  a.label('account').load(1, 'r2', 'r6', 0).jump('equal', 'r2', 0xff, 'fresh')
  frame(a, 'r3', FRAME.table).alu('lsh', 'r2', 3).alu('add', 'r3', 'r2').load(8, 'r4', 'r3', 0)
  a.alu('add', 'r6', 8).jump('always', 'r0', 0, 'keep')
  a.label('fresh').alu('mov', 'r4', 'r6').load(8, 'r2', 'r6', FIELD.length)
  a.alu('add', 'r2', GROWTH + 7)
    .alu('and', 'r2', -8)
    .alu('add', 'r6', FIELD.data + 8)
    .alu('add', 'r6', 'r2')
  a.label('keep').alu('mov', 'r2', 'r7').alu('lsh', 'r2', 3)
  frame(a, 'r3', FRAME.table).alu('add', 'r3', 'r2').store(8, 'r3', 0, 'r4')
  a.alu('add', 'r7', 1).jump('notEqual', 'r7', ACCOUNTS.length, 'account')
}

/** r6 stands at the length of the data, which follow it. */
function readArguments(a: Assembler): void {
  for (const [name, at] of [['amount', 8] as const, ['minOut', 16] as const, ['seed', 24] as const])
    a.load(8, 'r2', 'r6', at).store(8, 'r10', FRAME[name], 'r2')
  a.load(1, 'r2', 'r6', 32).store(1, 'r10', FRAME.bump, 'r2')
}

/**
 * r4 and the frame's `out` = reserve out × amount after fee / (reserve in + amount after fee), in
 * 128 bits.
 */
function quote(a: Assembler): void {
  a.load(8, 'r7', 'r10', FRAME.amount)
    .alu('mul', 'r7', 10_000 - Number(FEE_BPS))
    .alu('div', 'r7', 10_000)
  account(a, 'r3', 'vaultIn').load(8, 'r3', 'r3', AMOUNT_AT).alu('add', 'r3', 'r7')
  account(a, 'r9', 'vaultOut').load(8, 'r9', 'r9', AMOUNT_AT)
  multiply(a)
  divide(a)
  a.store(8, 'r10', FRAME.out, 'r4')
}

const lowHalf = (a: Assembler, register: Register): Assembler =>
  a.alu('lsh', register, 32).alu('rsh', register, 32)

/** r1:r5 = r9 × r7: schoolbook, with digits of 32 bits. */
function multiply(a: Assembler): void {
  lowHalf(a.alu('mov', 'r0', 'r9'), 'r0')
    .alu('mov', 'r1', 'r9')
    .alu('rsh', 'r1', 32)
  lowHalf(a.alu('mov', 'r2', 'r7'), 'r2')
    .alu('mov', 'r4', 'r7')
    .alu('rsh', 'r4', 32)
  a.alu('mov', 'r5', 'r0').alu('mul', 'r5', 'r2').alu('mul', 'r0', 'r4')
  a.alu('mov', 'r8', 'r1').alu('mul', 'r8', 'r2').alu('mul', 'r1', 'r4')
  a.alu('mov', 'r2', 'r5').alu('rsh', 'r2', 32)
  lowHalf(a.alu('mov', 'r4', 'r0'), 'r4').alu('add', 'r2', 'r4')
  lowHalf(a.alu('mov', 'r4', 'r8'), 'r4').alu('add', 'r2', 'r4')
  lowHalf(a, 'r5').alu('mov', 'r4', 'r2').alu('lsh', 'r4', 32).alu('or', 'r5', 'r4')
  for (const part of ['r0', 'r8', 'r2'] as const) a.alu('rsh', part, 32).alu('add', 'r1', part)
}

/** r4 = r1:r5 / r3 by shift and subtract; the quotient fits into 64 bits because r1 < r3. */
function divide(a: Assembler): void {
  a.alu('mov', 'r4', 0).alu('mov', 'r2', 64)
  a.label('bit').alu('mov', 'r0', 'r1').alu('rsh', 'r0', 63).alu('lsh', 'r1', 1)
  a.alu('mov', 'r8', 'r5')
    .alu('rsh', 'r8', 63)
    .alu('or', 'r1', 'r8')
    .alu('lsh', 'r5', 1)
    .alu('lsh', 'r4', 1)
  a.jump('notEqual', 'r0', 0, 'subtract').jump('below', 'r1', 'r3', 'next')
  a.label('subtract').alu('sub', 'r1', 'r3').alu('or', 'r4', 1)
  a.label('next').alu('sub', 'r2', 1).jump('notEqual', 'r2', 0, 'bit')
}

interface Transfer {
  from: Role
  to: Role
  mint: Role
  program: Role
  by: 'user' | 'authority'
  amount: 'amount' | 'out'
}

/** TransferChecked by the token program; the authority of the pool signs with its seeds. */
function transfer(a: Assembler, { from, to, mint, program, by, amount }: Transfer): void {
  a.alu('mov', 'r1', TRANSFER_CHECKED)
    .store(1, 'r10', FRAME.data, 'r1')
    .load(8, 'r2', 'r10', FRAME[amount])
  for (let i = 0; i < 8; i++) a.store(1, 'r10', FRAME.data + 1 + i, 'r2').alu('rsh', 'r2', 8)
  account(a, 'r1', mint)
    .load(1, 'r2', 'r1', DECIMALS_AT)
    .store(1, 'r10', FRAME.data + 9, 'r2')
  const roles = [from, mint, to, by]
  for (const [i, role] of roles.entries()) {
    const isWritable = role === from || role === to
    meta(a, FRAME.metas + 16 * i, role, { isWritable, isSigner: role === by })
    info(a, FRAME.infos + 56 * i, role)
  }
  account(a, 'r1', program).alu('add', 'r1', FIELD.key).store(8, 'r10', FRAME.instruction, 'r1')
  list(a, FRAME.instruction + 8, FRAME.metas, roles.length)
  list(a, FRAME.instruction + 24, FRAME.data, 10)
  if (by === 'authority') {
    list(a, FRAME.seeds, FRAME.seed, 8)
    list(a, FRAME.seeds + 16, FRAME.bump, 1)
    list(a, FRAME.signer, FRAME.seeds, 2)
  }
  frame(a, 'r1', FRAME.instruction)
  frame(a, 'r2', FRAME.infos).alu('mov', 'r3', roles.length)
  if (by === 'authority') frame(a, 'r4', FRAME.signer).alu('mov', 'r5', 1)
  else a.alu('mov', 'r4', 0).alu('mov', 'r5', 0)
  a.syscall('sol_invoke_signed_c')
}

/** A pointer into the frame and how many things are there. */
const list = (a: Assembler, at: number, place: number, length: number): Assembler =>
  frame(a, 'r1', place)
    .store(8, 'r10', at, 'r1')
    .alu('mov', 'r1', length)
    .store(8, 'r10', at + 8, 'r1')

/** SolAccountMeta of the C interface: key, is writable, is signer. */
function meta(
  a: Assembler,
  at: number,
  role: Role,
  flags: { isWritable: boolean; isSigner: boolean },
): void {
  account(a, 'r1', role).alu('add', 'r1', FIELD.key).store(8, 'r10', at, 'r1')
  a.alu('mov', 'r2', 0).store(8, 'r10', at + 8, 'r2')
  if (flags.isWritable) a.alu('mov', 'r2', 1).store(1, 'r10', at + 8, 'r2')
  if (flags.isSigner) a.alu('mov', 'r2', 1).store(1, 'r10', at + 9, 'r2')
}

/** SolAccountInfo of the C interface: pointers to key, lamports, data, owner; lengths and flags. */
function info(a: Assembler, at: number, role: Role): void {
  account(a, 'r1', role)
  const pointers = [
    ['key', 0] as const,
    ['lamports', 8] as const,
    ['data', 24] as const,
    ['owner', 32] as const,
  ]
  for (const [field, place] of pointers)
    a.alu('mov', 'r2', 'r1')
      .alu('add', 'r2', FIELD[field])
      .store(8, 'r10', at + place, 'r2')
  a.load(8, 'r2', 'r1', FIELD.length).store(8, 'r10', at + 16, 'r2')
  a.alu('mov', 'r2', 0)
    .store(8, 'r10', at + 40, 'r2')
    .store(8, 'r10', at + 48, 'r2')
  for (const [i, field] of (['signer', 'writable', 'executable'] as const).entries())
    a.load(1, 'r2', 'r1', FIELD[field]).store(1, 'r10', at + 48 + i, 'r2')
}
