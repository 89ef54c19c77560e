import { createHash } from 'node:crypto'

/** What is read of an IDL as Anchor publishes it (spec 0.1.0). */
interface Idl {
  address: string
  metadata: { name: string; version: string }
  instructions: readonly {
    name: string
    discriminator: readonly number[]
    accounts: readonly { name: string; optional?: boolean }[]
    args: readonly { name: string; type: Type }[]
  }[]
  types: readonly {
    name: string
    type:
      | { kind: 'struct'; fields: readonly { type: Type }[] }
      | { kind: 'enum'; variants: readonly { fields?: readonly { type: Type }[] }[] }
  }[]
}
type Type = string | { vec: Type } | { option: Type } | { defined: { name: string } }

/** A piece of data: so many bytes, a list of such pieces, or one that may be missing. */
type Piece = number | { list: Piece[] } | { maybe: Piece[] }

const SIZES: Record<string, number> = { u8: 1, bool: 1, u16: 2, u32: 4, u64: 8 }
/** The enum of exchanges: each step of a route names one, with what it wants. */
const SWAP = 'Swap'

/** What an account is to a swap, whatever a form calls it. */
const ROLES: Record<string, string> = {
  user_transfer_authority: 'authority',
  user_source_token_account: 'source',
  source_token_account: 'source',
  user_destination_token_account: 'destination',
}

/** An optional account for what comes out is a receiver beside our own; else it is our own. */
function roleOf({ name, optional }: Idl['instructions'][number]['accounts'][number]): string {
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  if (name === 'destination_token_account') return optional === true ? 'receiver?' : 'destination'
  return `${ROLES[name] ?? camel}${optional === true ? '?' : ''}`
}

/**
 * The known routes, from the text of an IDL: each form with its accounts in order and its
 * arguments, and how long what each exchange wants is. Forms without an amount in them (a ledger
 * account has it) are named apart. Throws on a type that is not known here.
 */
export function routeData(idlText: string) {
  const idl = JSON.parse(idlText) as Idl
  const swaps = typeIn(idl, SWAP)
  if (swaps.kind !== 'enum') throw new Error(`the IDL has a ${SWAP} that is no enum`)
  const routes = idl.instructions.map(({ name, discriminator, accounts, args }) => ({
    name,
    discriminator: Buffer.from(discriminator).toString('hex'),
    accounts: accounts.map(roleOf),
    args: args.map(({ name: arg, type }) => [arg, argIn(idl, type)] as const),
  }))
  const hasAmount = ({ args }: (typeof routes)[number]): boolean =>
    args.some(([name]) => name === 'in_amount' || name === 'out_amount')
  return {
    IDL: {
      name: idl.metadata.name,
      version: idl.metadata.version,
      program: idl.address,
      sha256: createHash('sha256').update(idlText).digest('hex'),
    },
    ROUTES: routes.filter(hasAmount),
    LEDGER_ROUTES: Object.fromEntries(
      routes.filter(each => !hasAmount(each)).map(each => [each.discriminator, each.name]),
    ),
    SWAPS: swaps.variants.map(({ fields = [] }) => fieldsIn(idl, fields)),
  }
}

function typeIn(idl: Idl, name: string): Idl['types'][number]['type'] {
  const found = idl.types.find(each => each.name === name)?.type
  if (found === undefined) throw new Error(`the IDL has no type ${name}`)
  return found
}

const fieldsIn = (idl: Idl, fields: readonly { type: Type }[]): Piece[] =>
  merged(fields.flatMap(({ type }) => piecesIn(idl, type)))

function piecesIn(idl: Idl, type: Type): Piece[] {
  if (typeof type === 'string') {
    const size = SIZES[type]
    if (size === undefined) throw new Error(`the IDL has a ${type}`)
    return [size]
  }
  if ('vec' in type) return [{ list: merged(piecesIn(idl, type.vec)) }]
  if ('option' in type) return [{ maybe: merged(piecesIn(idl, type.option)) }]
  const found = typeIn(idl, type.defined.name)
  if (found.kind === 'struct') return fieldsIn(idl, found.fields)
  if (found.variants.some(({ fields }) => fields !== undefined))
    throw new Error(`the IDL has a ${type.defined.name} where none is expected`)
  return [1]
}

/** Bytes of an argument; of a route those that follow the exchange of each step. */
function argIn(idl: Idl, type: Type): number | { step: number } {
  const [piece] = isRoute(type) ? restOfStep(idl, type.vec.defined.name) : piecesIn(idl, type)
  if (typeof piece !== 'number') throw new Error('the IDL has an argument of no fixed length')
  return isRoute(type) ? { step: piece } : piece
}

const isRoute = (type: Type): type is { vec: { defined: { name: string } } } =>
  typeof type === 'object' && 'vec' in type && typeof type.vec === 'object' && 'defined' in type.vec

function restOfStep(idl: Idl, name: string): Piece[] {
  const step = typeIn(idl, name)
  const [first, ...rest] = step.kind === 'struct' ? step.fields : []
  const swap = first?.type
  if (typeof swap !== 'object' || !('defined' in swap) || swap.defined.name !== SWAP)
    throw new Error('the IDL has steps that do not begin with their exchange')
  return fieldsIn(idl, rest)
}

/** Neighbours of a fixed length are one piece. */
function merged(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (typeof piece === 'number' && typeof last === 'number') all[all.length - 1] = last + piece
    else all.push(piece)
  }
  return all
}
