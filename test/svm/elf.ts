import type { Assembled } from './assembler.ts'

const HEADER = 64
const PROGRAM_HEADER = 56
const SECTION_HEADER = 64
const DYNAMIC_ENTRY = 16
const SYMBOL = 24
const RELOCATION = 16
/** e_machine of sBPF, and its relocation for a call by name (R_BPF_64_32). */
const SBPF = 247
const CALL_BY_NAME = 10n
const NAMES = ['.text', '.dynamic', '.dynsym', '.dynstr', '.rel.dyn', '.shstrtab'] as const
type Name = (typeof NAMES)[number]

const up = (value: number): number => (value + 7) & ~7

interface Section {
  name: Name
  type: number
  /** In memory at run time: 2, and 4 when it is code. */
  flags: number
  bytes: Buffer
  /** Place in the list of the section it refers to, and how many symbols are local. */
  link: number
  info: number
  entry: number
}

/**
 * A shared object (ELF64, little-endian) that the loader of Solana takes: code, its calls by name,
 * nothing else.
 */
export function elf({ code, syscalls }: Assembled): Buffer {
  const names = [...new Set(syscalls.map(({ name }) => name))]
  const strings = Buffer.from(`\0${names.map(name => `${name}\0`).join('')}`)
  const dynamic = Buffer.alloc(8 * DYNAMIC_ENTRY)
  const symbols = symbolTable(names, strings)
  const relocations = Buffer.alloc(RELOCATION * syscalls.length)
  const sectionNames = Buffer.from(`\0${NAMES.map(name => `${name}\0`).join('')}`)
  const sections: Section[] = [
    { name: '.text', type: 1, flags: 6, bytes: code, link: 0, info: 0, entry: 0 },
    { name: '.dynamic', type: 6, flags: 2, bytes: dynamic, link: 4, info: 0, entry: DYNAMIC_ENTRY },
    { name: '.dynsym', type: 11, flags: 2, bytes: symbols, link: 4, info: 1, entry: SYMBOL },
    { name: '.dynstr', type: 3, flags: 2, bytes: strings, link: 0, info: 0, entry: 0 },
    {
      name: '.rel.dyn',
      type: 9,
      flags: 2,
      bytes: relocations,
      link: 3,
      info: 0,
      entry: RELOCATION,
    },
    { name: '.shstrtab', type: 3, flags: 0, bytes: sectionNames, link: 0, info: 0, entry: 0 },
  ]
  const at = places(sections)
  const code0 = at.get('.text')!
  for (const [i, { at: place, name }] of syscalls.entries()) {
    relocations.writeBigUInt64LE(BigInt(code0 + 8 * place), RELOCATION * i)
    relocations.writeBigUInt64LE(
      (BigInt(names.indexOf(name) + 1) << 32n) | CALL_BY_NAME,
      RELOCATION * i + 8,
    )
  }
  writeDynamic(dynamic, at, relocations.length, strings.length)
  return file(sections, at, sectionNames)
}

function places(sections: readonly Section[]): Map<Name, number> {
  let next = HEADER + 2 * PROGRAM_HEADER
  return new Map(
    sections.map(({ name, bytes }) => {
      const at = up(next)
      next = at + bytes.length
      return [name, at]
    }),
  )
}

function symbolTable(names: readonly string[], strings: Buffer): Buffer {
  const out = Buffer.alloc(SYMBOL * (names.length + 1))
  for (const [i, name] of names.entries()) {
    out.writeUInt32LE(strings.indexOf(`\0${name}\0`) + 1, SYMBOL * (i + 1))
    out[SYMBOL * (i + 1) + 4] = 0x10
  }
  return out
}

/**
 * Tags of the ELF specification: DT_REL, DT_RELSZ, DT_RELENT, DT_SYMTAB, DT_SYMENT, DT_STRTAB,
 * DT_STRSZ, DT_NULL.
 */
function writeDynamic(
  out: Buffer,
  at: ReadonlyMap<Name, number>,
  relocations: number,
  strings: number,
): void {
  const place = (name: Name): number => at.get(name)!
  const rows = [
    ...[[17, place('.rel.dyn')] as const, [18, relocations] as const, [19, RELOCATION] as const],
    ...[[6, place('.dynsym')] as const, [11, SYMBOL] as const],
    ...[[5, place('.dynstr')] as const, [10, strings] as const, [0, 0] as const],
  ]
  for (const [i, [tag, value]] of rows.entries()) {
    out.writeBigUInt64LE(BigInt(tag), DYNAMIC_ENTRY * i)
    out.writeBigUInt64LE(BigInt(value), DYNAMIC_ENTRY * i + 8)
  }
}

function file(
  sections: readonly Section[],
  at: ReadonlyMap<Name, number>,
  sectionNames: Buffer,
): Buffer {
  const place = (name: Name): number => at.get(name)!
  const headersAt = up(place('.shstrtab') + sectionNames.length)
  const out = Buffer.alloc(headersAt + SECTION_HEADER * (sections.length + 1))
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])
  const words = [3, SBPF] as const
  out.writeUInt16LE(words[0], 16)
  out.writeUInt16LE(words[1], 18)
  out.writeUInt32LE(1, 20)
  for (const [i, value] of [place('.text'), HEADER, headersAt].entries())
    out.writeBigUInt64LE(BigInt(value), 24 + 8 * i)
  const sizes = [HEADER, PROGRAM_HEADER, 2, SECTION_HEADER, sections.length + 1, sections.length]
  for (const [i, value] of sizes.entries()) out.writeUInt16LE(value, 52 + 2 * i)
  const loaded = place('.shstrtab') - place('.text')
  programHeader(out, 0, { type: 1, flags: 5, at: place('.text'), bytes: loaded })
  programHeader(out, 1, { type: 2, flags: 4, at: place('.dynamic'), bytes: 8 * DYNAMIC_ENTRY })
  for (const [i, section] of sections.entries()) {
    section.bytes.copy(out, place(section.name))
    const nameAt = sectionNames.indexOf(`\0${section.name}\0`) + 1
    sectionHeader(out, headersAt + SECTION_HEADER * (i + 1), section, nameAt, place(section.name))
  }
  return out
}

function programHeader(
  out: Buffer,
  index: number,
  part: { type: number; flags: number; at: number; bytes: number },
): void {
  const from = HEADER + PROGRAM_HEADER * index
  out.writeUInt32LE(part.type, from)
  out.writeUInt32LE(part.flags, from + 4)
  for (const [i, value] of [part.at, part.at, part.at, part.bytes, part.bytes, 8].entries())
    out.writeBigUInt64LE(BigInt(value), from + 8 + 8 * i)
}

function sectionHeader(
  out: Buffer,
  from: number,
  section: Section,
  nameAt: number,
  at: number,
): void {
  out.writeUInt32LE(nameAt, from)
  out.writeUInt32LE(section.type, from + 4)
  const address = (section.flags & 2) === 0 ? 0 : at
  for (const [i, value] of [section.flags, address, at, section.bytes.length].entries())
    out.writeBigUInt64LE(BigInt(value), from + 8 + 8 * i)
  out.writeUInt32LE(section.link, from + 40)
  out.writeUInt32LE(section.info, from + 44)
  out.writeBigUInt64LE(8n, from + 48)
  out.writeBigUInt64LE(BigInt(section.entry), from + 56)
}
