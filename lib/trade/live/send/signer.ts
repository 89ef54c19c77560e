import { createPrivateKey, sign } from 'node:crypto'
import { HaltError, UsageError } from '../../../base/errors.ts'
import { toBase58 } from '../../../sources/decode/base58.ts'
import { splitTx } from '../../signed-bytes.ts'
import type { Placed } from '../../venue.ts'
import { readKeyFile } from '../chain/key-file.ts'
import type { Solana } from '../chain/solana.ts'

/**
 * A signed transaction. Its first signature is its id on the chain, known before anybody has seen
 * it.
 */
interface Signed {
  signature: string
  bytes: Buffer
}

/** Lamports of the wallet by the chain, whatever the book says. */
interface Money {
  /** What has left it today. */
  spent: bigint
  /** What this transaction takes, simulated, beside fees and deposits; below 0 = it brings some. */
  pays: bigint
}

/**
 * Signs what it is permitted to. The key stays inside: nothing here returns, logs or throws a byte
 * of it.
 */
export interface Signer {
  wallet: string
  sign(tx: Buffer, order: Placed, money: Money): Signed
}

/**
 * Why an order may not be signed; undefined when it may. Asked at every signature, whatever was
 * checked before.
 */
export type Permit = (order: Placed, money: Money) => string | undefined

/** The DER head of a private key of Ed25519 (RFC 8410), before the 32 bytes that it is. */
const KEY_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const SEED_BYTES = 32

/**
 * A signer with the key of a file. It puts its signature, the first, into the bytes as they are:
 * the message is not made again. UsageError when the file is unsafe or holds no key.
 */
export function makeSigner({ Keypair }: Solana, path: string, permit: Permit): Signer {
  const pair = keypairIn(Keypair, path)
  const der = Buffer.concat([KEY_HEAD, pair.secretKey.subarray(0, SEED_BYTES)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  return {
    wallet: pair.publicKey.toBase58(),
    sign(bytes, order, money) {
      const reason = permit(order, money)
      if (reason !== undefined) throw new HaltError(`not signed: ${reason}`)
      const { message, signaturesAt } = splitTx(bytes)!
      const signature = sign(null, message, key)
      const signed = Buffer.from(bytes)
      signature.copy(signed, signaturesAt)
      return { signature: toBase58(signature), bytes: signed }
    },
  }
}

function keypairIn(Keypair: Solana['Keypair'], path: string) {
  try {
    return Keypair.fromSecretKey(readKeyFile(path))
  } catch (error) {
    if (error instanceof UsageError) throw error
    // The reason given may quote the key.
    throw new UsageError(
      `live.keypair: ${path} is no key file: its public half does not belong to its secret half`,
    )
  }
}
