/**
 * Registers of the machine: r0 answers, r1 to r5 are arguments and lost in calls, r6 to r9 stay,
 * r10 is the frame.
 */
export type Register = `r${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`
type Operand = Register | number
type Width = 1 | 8

/**
 * Opcodes of the eBPF instruction set (RFC 9669) with an immediate operand; +8 takes a register
 * instead.
 */
const ALU = {
  add: 0x07,
  sub: 0x17,
  mul: 0x27,
  div: 0x37,
  or: 0x47,
  and: 0x57,
  lsh: 0x67,
  rsh: 0x77,
  mov: 0xb7,
} as const
const JUMP = { always: 0x05, equal: 0x15, atLeast: 0x35, notEqual: 0x55, below: 0xa5 } as const
const LOAD = { 1: 0x71, 8: 0x79 } as const
const STORE = { 1: 0x73, 8: 0x7b } as const
const FROM_REGISTER = 8

/** A program as it grows; labels are resolved by `finish`. */
export interface Assembler {
  alu(operation: keyof typeof ALU, to: Register, by: Operand): Assembler
  load(width: Width, to: Register, from: Register, offset: number): Assembler
  store(width: Width, to: Register, offset: number, from: Register): Assembler
  jump(when: keyof typeof JUMP, a: Register, b: Operand, label: string): Assembler
  label(name: string): Assembler
  syscall(name: string): Assembler
  exit(): Assembler
  finish(): Assembled
}

/** Machine code, and where in it (in instructions) which system call is named. */
export interface Assembled {
  code: Buffer
  syscalls: readonly { at: number; name: string }[]
}

const number = (register: Register): number => Number(register.slice(1))

function instruction(opcode: number, to = 0, from = 0, offset = 0, immediate = 0): Buffer {
  const out = Buffer.alloc(8)
  out[0] = opcode
  out[1] = to | (from << 4)
  out.writeInt16LE(offset, 2)
  out.writeInt32LE(immediate | 0, 4)
  return out
}

const withOperand = (opcode: number, to: Register, by: Operand, offset = 0): Buffer =>
  typeof by === 'number'
    ? instruction(opcode, number(to), 0, offset, by)
    : instruction(opcode | FROM_REGISTER, number(to), number(by), offset)

/** An assembler for sBPF version 0: what a test program needs and no more. */
export function makeAssembler(): Assembler {
  const code: Buffer[] = []
  const labels = new Map<string, number>()
  const jumps: { at: number; label: string }[] = []
  const syscalls: { at: number; name: string }[] = []
  const put = (...parts: Buffer[]): Assembler => {
    code.push(...parts)
    return self
  }
  const self: Assembler = {
    alu: (operation, to, by) => put(withOperand(ALU[operation], to, by)),
    load: (width, to, from, offset) =>
      put(instruction(LOAD[width], number(to), number(from), offset)),
    store: (width, to, offset, from) =>
      put(instruction(STORE[width], number(to), number(from), offset)),
    jump(when, a, b, label) {
      jumps.push({ at: code.length, label })
      return put(when === 'always' ? instruction(JUMP.always) : withOperand(JUMP[when], a, b))
    },
    label(name) {
      labels.set(name, code.length)
      return self
    },
    syscall(name) {
      syscalls.push({ at: code.length, name })
      return put(instruction(0x85, 0, 0, 0, -1))
    },
    exit: () => put(instruction(0x95)),
    finish() {
      for (const { at, label } of jumps) {
        const target = labels.get(label)
        if (target === undefined) throw new Error(`no label ${label}`)
        code[at]?.writeInt16LE(target - at - 1, 2)
      }
      return { code: Buffer.concat(code), syscalls }
    },
  }
  return self
}
