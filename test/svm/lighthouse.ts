import { fromBase58 } from '../../lib/sources/decode/base58.ts'
import { TOKEN, TOKEN_2022 } from '../../lib/sources/decode/programs.ts'
import { FIELD, GROWTH } from './amm.ts'
import { type Assembler, makeAssembler, type Register } from './assembler.ts'
import { elf } from './elf.ts'

/** Errors of Lighthouse (error.rs): bytes that it does not take, an account of another program. */
const INVALID = 6000
const OTHER_OWNER = 6009
/** A failed assertion of a list: this and its place. */
const FAILED = 0x1900

const ACCOUNT_INFO = 6
const TOKEN_ACCOUNT = 10
const AT_LEAST = 4

/**
 * A twin of the part of Lighthouse that we use, byte for byte as its instruction.rs and
 * types/assert have it: lists of assertions on an account (6: lamports, known owner) and on a token
 * account (10: owner, amount, no delegate, no close authority). Anything else is refused as
 * invalid.
 */
export function lighthouseProgram(): Buffer {
  const a = makeAssembler()
  // r6: the account, r7: the next assertion, r8: how many are left, r9: the place of this one.
  a.alu('mov', 'r6', 'r1').alu('add', 'r6', 8)
  a.alu('mov', 'r7', 'r6').alu('add', 'r7', FIELD.data + GROWTH + 7)
  a.load(8, 'r2', 'r6', FIELD.length).alu('add', 'r7', 'r2').alu('and', 'r7', -8)
  // Behind the data: rent epoch, then length and bytes of the instruction.
  a.alu('add', 'r7', 16)
  a.load(1, 'r5', 'r7', 0).load(1, 'r8', 'r7', 2).alu('add', 'r7', 3).alu('mov', 'r9', 0)
  a.jump('equal', 'r5', ACCOUNT_INFO, 'infos').jump('notEqual', 'r5', TOKEN_ACCOUNT, 'invalid')
  ofToken(a)
  loop(a, 'tokens', { 1: owner, 2: amount, 3: a => none(a, 72), 7: a => none(a, 129) })
  loop(a, 'infos', { 0: lamports, 3: systemOwned })
  // The loader wants a program that calls the runtime somewhere.
  a.label('invalid').syscall('sol_log_compute_units_').alu('mov', 'r0', INVALID).exit()
  a.label('failed').alu('mov', 'r0', FAILED).alu('add', 'r0', 'r9').exit()
  return elf(a.finish())
}

/** The account has to be of one of the token programs. */
function ofToken(a: Assembler): void {
  for (const [i, program] of [TOKEN, TOKEN_2022].entries()) {
    const key = fromBase58(program)
    for (let at = 0; at < 32; at += 8) {
      a.load(8, 'r2', 'r6', FIELD.owner + at)
      constant(a, 'r3', key.readBigUInt64LE(at)).jump('notEqual', 'r2', 'r3', `not ${i}`)
    }
    a.jump('always', 'r0', 0, 'tokens').label(`not ${i}`)
  }
  a.alu('mov', 'r0', OTHER_OWNER).exit()
}

function constant(a: Assembler, to: Register, value: bigint): Assembler {
  a.alu('mov', to, Number(BigInt.asIntN(32, value >> 32n))).alu('lsh', to, 32)
  a.alu('mov', 'r4', Number(BigInt.asIntN(32, value)))
    .alu('lsh', 'r4', 32)
    .alu('rsh', 'r4', 32)
  return a.alu('or', to, 'r4')
}

/** Each assertion ends with r7 behind it; all of them held when none is left. */
function loop(a: Assembler, name: string, by: Record<number, (a: Assembler) => void>): void {
  a.label(name).jump('notEqual', 'r8', 0, `${name} next`).alu('mov', 'r0', 0).exit()
  a.label(`${name} next`).load(1, 'r2', 'r7', 0)
  for (const tag of Object.keys(by)) a.jump('equal', 'r2', Number(tag), `${name} ${tag}`)
  a.jump('always', 'r0', 0, 'invalid')
  for (const [tag, check] of Object.entries(by)) {
    check(a.label(`${name} ${tag}`))
    a.alu('sub', 'r8', 1).alu('add', 'r9', 1).jump('always', 'r0', 0, name)
  }
}

/** The operator that is known here stands at a place; any other is refused. */
const operator = (a: Assembler, at: number, is: number): Assembler =>
  a.load(1, 'r2', 'r7', at).jump('notEqual', 'r2', is, 'invalid')

function atLeast(a: Assembler, place: number): void {
  operator(a, 9, AT_LEAST).load(8, 'r2', 'r6', place).load(8, 'r3', 'r7', 1)
  a.jump('below', 'r2', 'r3', 'failed').alu('add', 'r7', 10)
}
const lamports = (a: Assembler): void => atLeast(a, FIELD.lamports)
const amount = (a: Assembler): void => atLeast(a, FIELD.data + 64)

/** Known programs by number: 0 is the system program, whose key is zero. */
function systemOwned(a: Assembler): void {
  operator(operator(a, 1, 0), 2, 0)
  for (let at = 0; at < 32; at += 8)
    a.load(8, 'r2', 'r6', FIELD.owner + at).jump('notEqual', 'r2', 0, 'failed')
  a.alu('add', 'r7', 3)
}

function owner(a: Assembler): void {
  operator(a, 33, 0)
  for (let at = 0; at < 32; at += 8)
    a.load(8, 'r2', 'r6', FIELD.data + 32 + at)
      .load(8, 'r3', 'r7', 1 + at)
      .jump('notEqual', 'r2', 'r3', 'failed')
  a.alu('add', 'r7', 34)
}

/** An optional key of the token account is absent: its tag, four bytes, is zero. */
function none(a: Assembler, place: number): void {
  operator(operator(a, 1, 0), 2, 0)
  a.load(8, 'r2', 'r6', FIELD.data + place).alu('lsh', 'r2', 32)
  a.jump('notEqual', 'r2', 0, 'failed').alu('add', 'r7', 3)
}
