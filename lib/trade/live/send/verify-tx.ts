import { DataError } from '../../../base/errors.ts'
import { TOKEN, TOKEN_2022 } from '../../../sources/decode/programs.ts'
import {
  ASSOCIATED,
  COMPUTE_BUDGET,
  JUPITER,
  type Solana,
  SYSTEM,
  type VersionedMessage,
} from '../chain/solana.ts'

/** What a transaction of an exchange may be. */
export interface TxBounds {
  wallet: string
  /** Our account of wrapped SOL: where SOL may be moved to before a swap. */
  wrapped: string
  /** Most that may be moved there. */
  amount: bigint
  /** Accounts that may be tipped, and how much. */
  tips: readonly string[]
  tip: bigint
  maxPriorityFee: bigint
  /** Programs that swap. */
  programs: readonly string[]
}

/** What it asks for beside the swap. */
interface TxFacts {
  units: bigint
  /** µlamports per unit. */
  price: bigint
  /**
   * Accounts that it writes to, ours apart: what others pay for them tells what it costs to get in.
   */
  writes: string[]
}

/** Largest transaction that a node takes (packet size less headers). */
const MAX_BYTES = 1232
const DEFAULT_UNITS = 200_000n
const MAX_UNITS = 1_400_000n

/**
 * Takes a transaction apart that came from outside. A DataError unless it is a legacy or version 0
 * transaction.
 */
export function readTx(
  { VersionedTransaction }: Solana,
  bytes: Buffer,
): { message: VersionedMessage; signatures: Uint8Array[] } {
  if (bytes.length > MAX_BYTES) throw bad(`${bytes.length} bytes, a node takes ${MAX_BYTES}`)
  try {
    const { message, signatures } = VersionedTransaction.deserialize(bytes)
    if (message.version !== 0 && message.version !== 'legacy')
      throw bad('version 1 cannot be signed yet')
    return { message, signatures }
  } catch (error) {
    throw error instanceof DataError
      ? error
      : bad(`cannot be read: ${(error as Error).message.slice(0, 80)}`)
  }
}

/**
 * Refuses a transaction that does anything but the swap: we pay its fee, only our signature is
 * missing, every instruction is of a program that belongs into a swap and does what belongs there.
 * A DataError says what is wrong.
 */
export function checkTx(
  message: VersionedMessage,
  signatures: readonly Uint8Array[],
  bounds: TxBounds,
): TxFacts {
  const keys = message.staticAccountKeys.map(key => key.toBase58())
  if (keys[0] !== bounds.wallet) throw bad(`its fee is paid by ${keys[0]}, not by our wallet`)
  const [ours, ...others] = signatures
  if (ours === undefined || ours.some(byte => byte !== 0))
    throw bad('our signature is already in it')
  if (others.some(signature => signature.every(byte => byte === 0)))
    throw bad('it wants a signature that is not ours')
  const facts: TxFacts = {
    units: DEFAULT_UNITS * BigInt(message.compiledInstructions.length),
    price: 0n,
    writes: [],
  }
  for (const { programIdIndex, accountKeyIndexes, data } of message.compiledInstructions) {
    const accounts = accountKeyIndexes.map(index => keys[index])
    checkInstruction(keys[programIdIndex], accounts, Buffer.from(data), bounds, facts)
  }
  if (facts.units > MAX_UNITS) facts.units = MAX_UNITS
  const fee = (facts.units * facts.price + 999_999n) / 1_000_000n
  if (fee > bounds.maxPriorityFee)
    throw bad(`its priority fee is ${fee} lamports, the most is ${bounds.maxPriorityFee}`)
  const isOther = (key: string, at: number): boolean =>
    at > 0 && key !== bounds.wrapped && message.isAccountWritable(at)
  facts.writes = keys.filter(isOther)
  return facts
}

type Instruction = [
  program: string | undefined,
  accounts: readonly (string | undefined)[],
  data: Buffer,
]

function checkInstruction(
  ...[program, accounts, data, bounds, facts]: [...Instruction, TxBounds, TxFacts]
): void {
  if (program === COMPUTE_BUDGET) readBudget(data, facts)
  else if (program === SYSTEM) checkTransfer(accounts, data, bounds)
  else if (program === TOKEN || program === TOKEN_2022) checkToken(accounts, data, bounds)
  else if (program === ASSOCIATED) {
    if (data.length > 1 || (data[0] ?? 0) > 1)
      throw bad('it does more with a token account than to make it')
  } else if (program === undefined || (program !== JUPITER && !bounds.programs.includes(program)))
    throw bad(`it calls ${program ?? 'a program of a lookup table'}`)
}

/** Compute budget: 2 = limit (u32), 3 = price (u64). */
function readBudget(data: Buffer, facts: TxFacts): void {
  if (data[0] === 2 && data.length >= 5) facts.units = BigInt(data.readUInt32LE(1))
  if (data[0] === 3 && data.length >= 9) facts.price = data.readBigUInt64LE(1)
}

/** System program: 2 = transfer (u32 tag, u64 lamports), from and to. */
function checkTransfer(
  [from, to]: readonly (string | undefined)[],
  data: Buffer,
  bounds: TxBounds,
): void {
  if (data.length !== 12 || data.readUInt32LE(0) !== 2)
    throw bad('it calls the system program for more than a transfer')
  const lamports = data.readBigUInt64LE(4)
  const isWrap = to === bounds.wrapped && lamports <= bounds.amount
  const isTip = to !== undefined && bounds.tips.includes(to) && lamports <= bounds.tip
  if (from !== bounds.wallet || !(isWrap || isTip))
    throw bad(`it sends ${lamports} lamports to ${to ?? 'somebody'}`)
}

/** Token programs: 17 = sync wrapped SOL, 9 = close an account, which must give back to us. */
function checkToken(
  accounts: readonly (string | undefined)[],
  data: Buffer,
  { wallet }: TxBounds,
): void {
  const isClose = data[0] === 9 && data.length === 1 && accounts[1] === wallet
  if (!isClose && !(data[0] === 17 && data.length === 1))
    throw bad(`it calls a token program with instruction ${data[0] ?? 'none'}`)
}

/**
 * Sets limit and price where the transaction names them. The data keep their length and no account
 * moves, so the exchange's own check of its accounts still holds. Returns the bytes as they are
 * when it names none.
 */
export function setBudget(
  { VersionedTransaction }: Solana,
  bytes: Buffer,
  units: bigint,
  price: bigint,
): Buffer {
  const tx = VersionedTransaction.deserialize(bytes)
  const { message } = tx
  if (message.version !== 0) return bytes
  for (const { programIdIndex, data } of message.compiledInstructions) {
    if (message.staticAccountKeys[programIdIndex]?.toBase58() !== COMPUTE_BUDGET) continue
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    if (data[0] === 2 && data.length === 5)
      view.setUint32(1, Number.parseInt(String(units), 10), true)
    if (data[0] === 3 && data.length === 9) view.setBigUint64(1, price, true)
  }
  return Buffer.from(tx.serialize())
}

const bad = (why: string): DataError =>
  new DataError(`the transaction of the exchange is refused: ${why}`)
