import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import * as web3 from '@solana/web3.js'
import type { Solana } from '../../../lib/trade/live/chain/solana.ts'

/** Remembers what a pure function of a text said. */
function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = work(text)
    if (known.size > 10_000) known.clear()
    known.set(text, made)
    return made
  }
}

const bytesOf = remembered(text => new web3.PublicKey(text).toBytes())

/** Keys that come again and again are read, written and derived once. */
class PublicKey extends web3.PublicKey {
  constructor(value: ConstructorParameters<typeof web3.PublicKey>[0]) {
    super(typeof value === 'string' ? bytesOf(value) : value)
  }
  static override findProgramAddressSync(
    seeds: (Buffer | Uint8Array)[],
    program: web3.PublicKey,
  ): [web3.PublicKey, number] {
    const name = [...seeds, program.toBytes()].map(each => Buffer.from(each).toString('latin1'))
    const text = name.map(each => `${each.length}:${each}`).join('')
    const found = derived.get(text) ?? web3.PublicKey.findProgramAddressSync(seeds, program)
    derived.set(text, found)
    return found
  }
}
const derived = new Map<string, [web3.PublicKey, number]>()

/** The DER head of a private key of Ed25519 (RFC 8410), before its 32 bytes. */
const HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const keyOf = (() => {
  const keys = new Map<string, KeyObject>()
  return (secret: Uint8Array): KeyObject => {
    const seed = Buffer.from(secret.subarray(0, 32))
    const name = seed.toString('latin1')
    const key =
      keys.get(name) ??
      createPrivateKey({ key: Buffer.concat([HEAD, seed]), format: 'der', type: 'pkcs8' })
    keys.set(name, key)
    return key
  }
})()

/** Signs by the library of the system: Ed25519 gives the same bytes everywhere (RFC 8032). */
class VersionedTransaction extends web3.VersionedTransaction {
  override sign(signers: web3.Signer[]): void {
    const message = this.message.serialize()
    for (const { publicKey, secretKey } of signers)
      this.addSignature(publicKey, new Uint8Array(sign(null, message, keyOf(secretKey))))
  }
  static override deserialize(bytes: Uint8Array): VersionedTransaction {
    const { message, signatures } = web3.VersionedTransaction.deserialize(bytes)
    return new VersionedTransaction(message, signatures)
  }
}

class Keypair extends web3.Keypair {
  static override fromSecretKey(secret: Uint8Array): web3.Keypair {
    const name = Buffer.from(secret).toString('latin1')
    const found = pairs.get(name) ?? web3.Keypair.fromSecretKey(secret)
    pairs.set(name, found)
    return found
  }
}
const pairs = new Map<string, web3.Keypair>()

/** The library with what costs most remembered, or done by the system; the same bytes come out. */
export const quickSolana: Solana = { ...web3, PublicKey, VersionedTransaction, Keypair } as Solana

const textOf = remembered(raw => new web3.PublicKey(Buffer.from(raw, 'latin1')).toString())
const plainText = web3.PublicKey.prototype.toBase58

/** Lets every key of the library remember its text, those that it makes itself too. */
export function hasten(): void {
  const proto = web3.PublicKey.prototype
  proto.toString = plainText
  proto.toBase58 = function (this: web3.PublicKey) {
    return textOf(Buffer.from(this.toBytes()).toString('latin1'))
  }
}
