import { fromBase58, isAddress } from '../../base/base58.ts'
import { DataError } from '../../base/errors.ts'
import { type Dex, dexOf } from '../decode/programs.ts'

/**
 * Instructions that make a pool: how their data begin (hex) and where among their accounts the pool
 * is.
 */
const MAKERS: Partial<Record<Dex, readonly { begins: string; poolAt: number }[]>> = {
  // initialize2: token program, ATA program, system, rent, pool.
  'raydium-amm': [{ begins: '01', poolAt: 4 }],
  'raydium-cpmm': [
    // initialize: creator, config, authority, pool.
    { begins: 'afaf6d1f0d989bed', poolAt: 3 },
    // initialize_with_permission: payer, creator, config, authority, pool.
    { begins: '3f37fe4131b25979', poolAt: 4 },
  ],
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Pools that a successful transaction has made, at the top or inside other calls. */
export function createdPools(json: unknown): { dex: Dex; pool: string }[] {
  const { meta, transaction } = object(json)
  const { err, innerInstructions, loadedAddresses } = object(meta)
  if (err !== null) return []
  const { accountKeys, instructions } = object(object(transaction).message)
  const { writable, readonly } = object(loadedAddresses)
  const keys = [...listIn(accountKeys), ...listIn(writable), ...listIn(readonly)]
  const inner = listIn(innerInstructions).flatMap(group => listIn(object(group).instructions))
  return [...listIn(instructions), ...inner].flatMap(each => madeBy(object(each), keys))
}

function madeBy(
  { programIdIndex, accounts, data }: Record<string, unknown>,
  keys: readonly unknown[],
) {
  const program = keys[programIdIndex as number]
  const dex = typeof program === 'string' ? dexOf(program) : undefined
  const makers = dex === undefined ? undefined : MAKERS[dex]
  if (
    dex === undefined ||
    makers === undefined ||
    typeof data !== 'string' ||
    !Array.isArray(accounts)
  )
    return []
  const hex = hexOf(data)
  const maker = makers.find(({ begins }) => hex.startsWith(begins))
  const at: unknown = maker && accounts[maker.poolAt]
  const pool = typeof at === 'number' ? keys[at] : undefined
  return isAddress(pool) ? [{ dex, pool }] : []
}

/** What is no base58 is no instruction of these programs. */
function hexOf(data: string): string {
  try {
    return fromBase58(data, 2048).toString('hex')
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return ''
  }
}
