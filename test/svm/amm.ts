import { createHash } from 'node:crypto'
import { type Assembler, makeAssembler, type Register } from './assembler.ts'
import { elf } from './elf.ts'

/**
 * Error of the program when less comes out than asked for: the code that Jupiter has for it too.
 */
export const SLIPPAGE = 6001
export const FEE_BPS = 25n
/** Error of the program when it is given more or fewer accounts. */
const WRONG_ACCOUNTS = 6008

/**
 * What a swap gives: Uniswap v2 whitepaper §3.2.1, the fee taken off what goes in. All integers,
 * rounded down.
 */
export function swapOut(amount: bigint, reserveIn: bigint, reserveOut: bigint): bigint {
  const afterFee = (amount * (10_000n - FEE_BPS)) / 10_000n
  return (reserveOut * afterFee) / (reserveIn + afterFee)
}

/** What an account is to a swap. Both token programs are named: they may be one and the same. */
export type Role =
  | ('user' | 'source' | 'vaultIn' | 'vaultOut' | 'destination' | 'authority')
  | ('mintIn' | 'mintOut' | 'programIn' | 'programOut')
  | ('thief' | 'other' | 'system')

/** What a program does in an inner call beside the swap, with the signature that it was given. */
export interface Inner {
  program: Role
  accounts: readonly Role[]
  data: readonly number[]
}

/** What a swap is told: least amount out is what was quoted, less the tolerance. */
export interface SwapTerms {
  amount: bigint
  quoted: bigint
  slippageBps: number
  /** Seed of the pool (8 bytes) and bump of its authority. */
  seed: bigint
  bump: number
}

/** How a swap program wants its accounts and its data. */
export interface SwapForm {
  accounts: readonly (Role | 'program' | 'events')[]
  /** Places in the data; the rest after `quoted` only where there is a tolerance. */
  places: { amount: number; quoted: number; slippage: number | undefined; seed: number }
  data(terms: SwapTerms): Buffer
}

const BPS = 10_000n

/** The least that a swap accepts. */
export const leastOf = ({ quoted, slippageBps }: SwapTerms): bigint =>
  (quoted * (BPS - BigInt(slippageBps))) / BPS

/** A program of nobody: amount in, least amount out, seed and bump. */
export const PLAIN: SwapForm = {
  accounts: [
    ...(['user', 'source', 'vaultIn', 'vaultOut', 'destination', 'authority'] as const),
    ...(['mintIn', 'mintOut', 'programIn', 'programOut'] as const),
  ],
  places: { amount: 0, quoted: 8, slippage: undefined, seed: 16 },
  data(terms) {
    const out = Buffer.alloc(25)
    out.writeBigUInt64LE(terms.amount, 0)
    out.writeBigUInt64LE(leastOf(terms), 8)
    out.writeBigUInt64LE(terms.seed, 16)
    out[24] = terms.bump
    return out
  },
}

/**
 * Jupiter’s `route_v2` (published IDL): ten accounts, then those of the pool; a plan of one step
 * by the exchange that wants a u64 and a byte (number 87), which are seed and bump here.
 */
export const ROUTE_V2: SwapForm = {
  accounts: [
    ...(['user', 'source', 'destination', 'mintIn', 'mintOut', 'programIn'] as const),
    ...(['programOut', 'program', 'events', 'program', 'vaultIn', 'vaultOut'] as const),
    'authority',
  ],
  places: { amount: 8, quoted: 16, slippage: 24, seed: 35 },
  data({ amount, quoted, slippageBps, seed, bump }) {
    const out = Buffer.alloc(48)
    createHash('sha256').update('global:route_v2').digest().copy(out, 0, 0, 8)
    out.writeBigUInt64LE(amount, 8)
    out.writeBigUInt64LE(quoted, 16)
    out.writeUInt16LE(slippageBps, 24)
    out.writeUInt32LE(1, 30)
    out[34] = 87
    out.writeBigUInt64LE(seed, 35)
    out[43] = bump
    out.writeUInt16LE(10_000, 44)
    out[47] = 1
    return out
  },
}

/** A step by the exchange of ROUTE_V2, which wants seed and bump. */
const stepOf = ({ seed, bump }: SwapTerms, end: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(10)
  bytes[0] = 87
  bytes.writeBigUInt64LE(seed, 1)
  bytes[9] = bump
  return Buffer.concat([bytes, Buffer.from(end)])
}
/** More steps, as routes of several hops and split ones have them: by Raydium and Whirlpool. */
const MORE = [[7], [17, 1]]
const planOf = (terms: SwapTerms, end: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from([1 + MORE.length, 0, 0, 0]),
    stepOf(terms, end),
    ...MORE.map(swap => Buffer.from([...swap, ...end])),
  ])
const headOf = (name: string): Buffer =>
  createHash('sha256').update(`global:${name}`).digest().subarray(0, 8)
function amountsOf(first: bigint, second: bigint, slippageBps: number): Buffer {
  const bytes = Buffer.alloc(18)
  bytes.writeBigUInt64LE(first, 0)
  bytes.writeBigUInt64LE(second, 8)
  bytes.writeUInt16LE(slippageBps, 16)
  return bytes
}

/** Jupiter’s `shared_accounts_route_v2`: through accounts of the program, several steps. */
export const SHARED_V2: SwapForm = {
  accounts: [
    ...(['authority', 'user', 'source', 'vaultIn', 'vaultOut', 'destination'] as const),
    ...(['mintIn', 'mintOut', 'programIn', 'programOut', 'events', 'program'] as const),
  ],
  places: { amount: 9, quoted: 17, slippage: 25, seed: 36 },
  data: terms =>
    Buffer.concat([
      headOf('shared_accounts_route_v2'),
      Buffer.from([3]),
      amountsOf(terms.amount, terms.quoted, terms.slippageBps),
      Buffer.alloc(4),
      planOf(terms, [0x10, 0x27, 0, 1]),
    ]),
}

/** Jupiter’s `shared_accounts_route`: the route comes before its amounts. */
export const SHARED_V1: SwapForm = {
  accounts: [
    ...(['programIn', 'authority', 'user', 'source', 'vaultIn', 'vaultOut'] as const),
    ...(['destination', 'mintIn', 'mintOut', 'program', 'programOut', 'events'] as const),
    'program',
  ],
  // Three steps of 13, 4 and 5 bytes.
  places: { amount: 35, quoted: 43, slippage: 51, seed: 14 },
  data: terms =>
    Buffer.concat([
      headOf('shared_accounts_route'),
      Buffer.from([3]),
      planOf(terms, [100, 0, 1]),
      amountsOf(terms.amount, terms.quoted, terms.slippageBps),
      Buffer.alloc(1),
    ]),
}

/** Jupiter’s `exact_out_route_v2`, which here takes all that it may. */
export const EXACT_OUT: SwapForm = {
  accounts: ROUTE_V2.accounts,
  places: { amount: 16, quoted: 8, slippage: undefined, seed: 35 },
  data: terms =>
    Buffer.concat([
      headOf('exact_out_route_v2'),
      amountsOf(leastOf(terms), terms.amount, 0),
      Buffer.alloc(4),
      planOf(terms, [0x10, 0x27, 0, 1]),
    ]),
}

/** Places in the frame of the program, from its top downwards. */
const FRAME = {
  table: -128,
  amount: -136,
  minOut: -144,
  out: -152,
  seed: -160,
  bump: -168,
  data: -184,
  metas: -248,
  instruction: -288,
  infos: -512,
  seeds: -544,
  signer: -560,
  inner: -640,
  zero: -672,
} as const

/**
 * Fields of a serialized account (entrypoint of Solana programs): marker, flags, key, owner,
 * lamports, length, data.
 */
export const FIELD = {
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
export const GROWTH = 10_240
const AMOUNT_AT = FIELD.data + 64
const DECIMALS_AT = FIELD.data + 44
const TRANSFER_CHECKED = 12

/**
 * A constant-product swap as an sBPF program: 25 bps fee, checked transfers by the token programs
 * themselves, error 6001 when less than the least amount would come out. Its integers are those of
 * `swapOut`.
 */
export function ammProgram(form: SwapForm, inner?: Inner): Buffer {
  const a = makeAssembler()
  findAccounts(a, form)
  readArguments(a, form)
  quote(a, form)
  a.load(8, 'r5', 'r10', FRAME.minOut)
    .jump('atLeast', 'r4', 'r5', 'enough')
    .alu('mov', 'r0', SLIPPAGE)
    .exit()
  a.label('enough')
  transfer(a, form, {
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
  transfer(a, form, { ...out, by: 'authority', amount: 'out' })
  if (inner !== undefined) innerCall(a, form, inner)
  a.alu('mov', 'r0', 0).exit()
  return elf(a.finish())
}

const account = (a: Assembler, form: SwapForm, to: Register, role: Role): Assembler =>
  a.load(8, to, 'r10', FRAME.table + 8 * form.accounts.indexOf(role))
const frame = (a: Assembler, to: Register, place: number): Assembler =>
  a.alu('mov', to, 'r10').alu('add', to, place)

/**
 * Walks the accounts: data are of any length, and an account that comes twice is a reference to the
 * first.
 */
function findAccounts(a: Assembler, { accounts }: SwapForm): void {
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
  a.alu('add', 'r7', 1).jump('notEqual', 'r7', accounts.length, 'account')
  // More accounts than the form has would be read as data.
  a.load(8, 'r2', 'r1', 0).jump('equal', 'r2', accounts.length, 'complete')
  a.alu('mov', 'r0', WRONG_ACCOUNTS).exit().label('complete')
}

/** r6 stands at the length of the data, which follow it. */
function readArguments(a: Assembler, { places }: SwapForm): void {
  const { amount, quoted, slippage, seed } = places
  const LENGTH = 8
  for (const [name, at] of [['amount', amount] as const, ['seed', seed] as const])
    a.load(8, 'r2', 'r6', LENGTH + at).store(8, 'r10', FRAME[name], 'r2')
  a.load(1, 'r2', 'r6', LENGTH + seed + 8).store(1, 'r10', FRAME.bump, 'r2')
  a.load(8, 'r2', 'r6', LENGTH + quoted)
  if (slippage !== undefined) {
    a.load(1, 'r3', 'r6', LENGTH + slippage)
      .load(1, 'r4', 'r6', LENGTH + slippage + 1)
      .alu('lsh', 'r4', 8)
      .alu('or', 'r3', 'r4')
    a.alu('mov', 'r4', Number(BPS)).alu('sub', 'r4', 'r3')
    a.alu('mul', 'r2', 'r4').alu('div', 'r2', Number(BPS))
  }
  a.store(8, 'r10', FRAME.minOut, 'r2')
}

/**
 * r4 and the frame's `out` = reserve out × amount after fee / (reserve in + amount after fee), in
 * 128 bits.
 */
function quote(a: Assembler, form: SwapForm): void {
  a.load(8, 'r7', 'r10', FRAME.amount)
    .alu('mul', 'r7', 10_000 - Number(FEE_BPS))
    .alu('div', 'r7', 10_000)
  account(a, form, 'r3', 'vaultIn').load(8, 'r3', 'r3', AMOUNT_AT).alu('add', 'r3', 'r7')
  account(a, form, 'r9', 'vaultOut').load(8, 'r9', 'r9', AMOUNT_AT)
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
function transfer(
  a: Assembler,
  form: SwapForm,
  { from, to, mint, program, by, amount }: Transfer,
): void {
  a.alu('mov', 'r1', TRANSFER_CHECKED)
    .store(1, 'r10', FRAME.data, 'r1')
    .load(8, 'r2', 'r10', FRAME[amount])
  for (let i = 0; i < 8; i++) a.store(1, 'r10', FRAME.data + 1 + i, 'r2').alu('rsh', 'r2', 8)
  account(a, form, 'r1', mint)
    .load(1, 'r2', 'r1', DECIMALS_AT)
    .store(1, 'r10', FRAME.data + 9, 'r2')
  const roles = [from, mint, to, by]
  for (const [i, role] of roles.entries()) {
    const isWritable = role === from || role === to
    meta(a, form, FRAME.metas + 16 * i, role, { isWritable, isSigner: role === by })
    info(a, form, FRAME.infos + 56 * i, role)
  }
  account(a, form, 'r1', program)
    .alu('add', 'r1', FIELD.key)
    .store(8, 'r10', FRAME.instruction, 'r1')
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

/** Any instruction of another program; the user signs, and everything can be written to. */
function innerCall(a: Assembler, form: SwapForm, { program, accounts, data }: Inner): void {
  for (const [i, byte] of data.entries())
    a.alu('mov', 'r1', byte).store(1, 'r10', FRAME.inner + i, 'r1')
  for (const [i, role] of accounts.entries()) {
    meta(a, form, FRAME.metas + 16 * i, role, { isWritable: true, isSigner: role === 'user' })
    info(a, form, FRAME.infos + 56 * i, role)
  }
  if (program === 'system')
    for (let at = 0; at < 32; at += 8) a.alu('mov', 'r1', 0).store(8, 'r10', FRAME.zero + at, 'r1')
  if (program === 'system') frame(a, 'r1', FRAME.zero)
  else account(a, form, 'r1', program).alu('add', 'r1', FIELD.key)
  a.store(8, 'r10', FRAME.instruction, 'r1')
  list(a, FRAME.instruction + 8, FRAME.metas, accounts.length)
  list(a, FRAME.instruction + 24, FRAME.inner, data.length)
  frame(a, 'r1', FRAME.instruction)
  frame(a, 'r2', FRAME.infos).alu('mov', 'r3', accounts.length)
  a.alu('mov', 'r4', 0).alu('mov', 'r5', 0).syscall('sol_invoke_signed_c')
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
  form: SwapForm,
  at: number,
  role: Role,
  flags: { isWritable: boolean; isSigner: boolean },
): void {
  account(a, form, 'r1', role).alu('add', 'r1', FIELD.key).store(8, 'r10', at, 'r1')
  a.alu('mov', 'r2', 0).store(8, 'r10', at + 8, 'r2')
  if (flags.isWritable) a.alu('mov', 'r2', 1).store(1, 'r10', at + 8, 'r2')
  if (flags.isSigner) a.alu('mov', 'r2', 1).store(1, 'r10', at + 9, 'r2')
}

/** SolAccountInfo of the C interface: pointers to key, lamports, data, owner; lengths and flags. */
function info(a: Assembler, form: SwapForm, at: number, role: Role): void {
  account(a, form, 'r1', role)
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
