import {
  ComputeBudgetProgram,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import { GUARD } from '../../../lib/trade/live/sign/on-chain-guard.ts'
import { discriminatorOf } from '../../../lib/trade/live/sign/route-layouts.ts'
import {
  ammProgram,
  EXACT_OUT,
  ROUTE_V2,
  SHARED_V1,
  SHARED_V2,
  type SwapForm,
} from '../../svm/amm.ts'
import { TIP_ACCOUNT } from '../../svm/jupiter/jupiter-swap.ts'
import {
  ata,
  closeAccount,
  createAta,
  EXTENSIONS,
  NATIVE_MINT,
  syncNative,
  TOKEN_2022_ID,
  TOKEN_ID,
} from '../../svm/tokens.ts'
import { at } from '../../svm/wire.ts'
import { AMM, keypair } from '../../svm/world.ts'
import { AMOUNT, type Cast, type Hostile, tableOf } from './hostile-stage.ts'

/** An instruction of the token program on some accounts, our wallet the one who signs. */
const token = (data: readonly number[], ...keys: PublicKey[]): TransactionInstruction =>
  new TransactionInstruction({
    programId: TOKEN_ID,
    keys: keys.map(pubkey => ({ pubkey, isSigner: false, isWritable: true })),
    data: Buffer.from(data),
  })
const token2022 = (data: readonly number[], ...keys: PublicKey[]): TransactionInstruction =>
  Object.assign(token(data, ...keys), { programId: TOKEN_2022_ID })
const u64 = (amount: bigint): number[] => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(amount)
  return [...bytes]
}
const ALL_DOGS = u64(7_000_000_000n)

/** Adds a step after the others. */
const adds =
  (step: (cast: Cast) => TransactionInstruction): NonNullable<Hostile['steps']> =>
  (steps, cast) => [...steps, step(cast)]

/** Changes the swap itself. */
const swap =
  (change: (step: TransactionInstruction, cast: Cast) => void): NonNullable<Hostile['steps']> =>
  (steps, cast) => {
    for (const step of steps) if (step.programId.equals(cast.cat.router)) change(step, cast)
    return steps
  }
/** Puts another account at a place of it (order of `route_v2`). */
const place = (at: number, key: (cast: Cast) => PublicKey) =>
  swap((step, cast) => {
    step.keys[at] = { ...step.keys[at]!, pubkey: key(cast), isSigner: false }
  })
const names = (key: (cast: Cast) => PublicKey) =>
  swap((step, cast) => {
    step.keys.push({ pubkey: key(cast), isSigner: false, isWritable: true })
  })
/** Accounts that a program has no use for. */
const bystanders = (count: number): PublicKey[] =>
  Array.from({ length: count }, (_, i) => keypair(`bystander ${i}`).publicKey)
const changes =
  (change: (bytes: Buffer) => void): NonNullable<Hostile['bytesOne']> =>
  one => {
    change(one)
    return one
  }

/** The swap of the exchange in another of its forms, which the router takes then. */
const inForm = (
  form: SwapForm,
  change: (data: Buffer) => Buffer = data => data,
): Pick<Hostile, 'before' | 'steps'> => ({
  before({ world, cat }) {
    world.cluster.advance()
    world.deploy(cat.router, ammProgram(form))
  },
  steps: swap(step => {
    const { keys, data } = step
    step.keys = form.accounts.map(role => {
      const found = keys[ROUTE_V2.accounts.indexOf(role)]
      return { ...found!, isSigner: role === 'user' }
    })
    const terms = {
      amount: data.readBigUInt64LE(8),
      quoted: data.readBigUInt64LE(16),
      slippageBps: data.readUInt16LE(24),
      seed: data.readBigUInt64LE(35),
      bump: data[43]!,
    }
    step.data = change(form.data(terms))
  }),
})
/** Puts numbers into data. */
const puts =
  (change: (data: Buffer) => void) =>
  (data: Buffer): Buffer => {
    change(data)
    return data
  }
/** Amounts that look honest behind the ones that the program reads. */
const behind =
  (at: number, change: (data: Buffer) => void) =>
  (data: Buffer): Buffer => {
    const shown = Buffer.from(data.subarray(at))
    change(data)
    return Buffer.concat([data, shown])
  }

/** Writes into an account as only its program could. */
function poke({ world }: Cast, key: PublicKey, change: (data: Buffer) => Buffer | undefined): void {
  const account = world.cluster.svm.getAccount(at(key))
  if (!account.exists) throw new Error('no account')
  const data = Buffer.from(account.data)
  const bytes = new Uint8Array(change(data) ?? data)
  world.cluster.svm.setAccount({ ...account, data: bytes, space: BigInt(bytes.length) })
}

/** A token that a route says it goes through. */
const bird = (): PublicKey => keypair('mint bird').publicKey

const sellTo = ({ world, dog, us, theirs }: Cast): TransactionInstruction => {
  const step = world.swap(dog, us, 'sell', 7_000_000_000n, 1n)
  step.keys[2] = { ...step.keys[2]!, pubkey: theirs.wrapped }
  return step
}

/**
 * Rates of a transfer fee in a Token-2022 mint: 166 bytes before the extensions, a header of 4,
 * then 88 and 106 bytes into its data.
 */
const raiseFee = (cast: Cast): void =>
  poke(cast, cast.cat.mint, data => {
    for (const rate of [88, 106]) data.writeUInt16LE(5000, 166 + 4 + rate)
    return data
  })

/** Put together by us, or taken as it comes. */
const OURS = ['jupiter-v1', 'jupiter-v2'] as const
const WHOLE = ['jupiter-v2-order'] as const

/**
 * Transactions of an exchange that is hostile or hacked, one entry each. What is refused is refused
 * before anything is signed, by its own reason; what only the chain can refuse reverts there.
 */
export const GALLERY: readonly Hostile[] = [
  {
    name: 'a second swap sells another token to a thief',
    reason: 'second-swap',
    steps: adds(sellTo),
  },
  {
    name: 'the swap twice',
    reason: 'second-swap',
    steps: (steps, { cat }) => steps.flatMap(s => (s.programId.equals(cat.router) ? [s, s] : [s])),
  },
  {
    name: 'no swap at all',
    reason: 'no-swap',
    from: WHOLE,
    steps: (steps, { cat }) => steps.filter(step => !step.programId.equals(cat.router)),
  },
  {
    name: 'a foreign destination',
    reason: 'swap-destination',
    steps: place(2, ({ theirs }) => theirs.cat),
  },
  {
    name: 'a foreign receiver at the optional place',
    reason: 'swap-destination',
    steps: place(7, ({ theirs }) => theirs.cat),
  },
  {
    name: 'a foreign authority',
    reason: 'swap-authority',
    steps: place(0, ({ thief }) => thief.publicKey),
  },
  {
    name: 'another token of ours as the source',
    reason: 'swap-source',
    steps: place(1, ({ ours }) => ours.dog),
  },
  { name: 'another token is bought', reason: 'swap-mints', steps: place(4, ({ dog }) => dog.mint) },
  {
    name: 'twice the amount',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeBigUInt64LE(2n * AMOUNT, 8)),
  },
  {
    name: 'half of what was quoted',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeBigUInt64LE(data.readBigUInt64LE(16) / 2n, 16)),
  },
  {
    name: 'a tolerance of nine tenths',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeUInt16LE(9000, 24)),
  },
  {
    name: 'one lamport more',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeBigUInt64LE(AMOUNT + 1n, 8)),
  },
  {
    name: 'a quote of nothing',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeBigUInt64LE(0n, 16)),
  },
  {
    name: 'any price at all',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeUInt16LE(10_000, 24)),
  },
  {
    name: 'a tolerance of more than all',
    reason: 'swap-amounts',
    steps: swap(({ data }) => void data.writeUInt16LE(65_535, 24)),
  },
  {
    name: 'a fee for a platform',
    reason: 'swap-fee',
    steps: swap(({ data }) => void data.writeUInt16LE(500, 26)),
  },
  {
    name: 'bytes behind the route',
    reason: 'swap-amounts',
    steps: swap(step => {
      step.data = Buffer.concat([step.data, Buffer.from([0])])
    }),
  },
  {
    name: 'any price, and one that looks honest behind it',
    reason: 'swap-amounts',
    ...inForm(
      SHARED_V1,
      behind(35, data => void data.writeUInt16LE(10_000, 51)),
    ),
  },
  {
    name: 'twice the amount, and one that looks honest behind it',
    reason: 'swap-amounts',
    ...inForm(
      SHARED_V1,
      behind(35, data => void data.writeBigUInt64LE(2n * AMOUNT, 35)),
    ),
  },
  {
    name: 'a route through what the IDL does not know, its amounts behind it',
    reason: 'unknown-swap',
    from: WHOLE,
    ...inForm(
      SHARED_V1,
      puts(data => void (data[13] = 250)),
    ),
  },
  {
    name: 'an exact amount out that may take more than was meant',
    reason: 'swap-amounts',
    ...inForm(
      EXACT_OUT,
      puts(data => void data.writeUInt16LE(100, 24)),
    ),
  },
  {
    name: 'an exact amount out that is less than was accepted',
    reason: 'swap-amounts',
    ...inForm(
      EXACT_OUT,
      puts(data => void data.writeBigUInt64LE(1n, 8)),
    ),
  },
  {
    name: 'a shared route that takes another token of ours',
    reason: 'swap-source',
    before: inForm(SHARED_V2).before!,
    steps: (steps, cast) =>
      swap((step, { ours }) => {
        step.keys[2] = { ...step.keys[2]!, pubkey: ours.dog }
      })(inForm(SHARED_V2).steps!(steps, cast), cast),
  },
  {
    name: 'a shared route that pays a thief',
    reason: 'swap-destination',
    before: inForm(SHARED_V2).before!,
    steps: (steps, cast) =>
      swap((step, { theirs }) => {
        step.keys[5] = { ...step.keys[5]!, pubkey: theirs.cat }
      })(inForm(SHARED_V2).steps!(steps, cast), cast),
  },
  {
    name: 'our account of another token as the destination',
    reason: 'swap-destination',
    steps: place(2, ({ ours }) => ours.dog),
  },
  {
    name: 'a second swap by another program that we allow',
    reason: 'second-swap',
    steps: adds(({ world, cat, us }) => world.swap({ ...cat, router: AMM }, us, 'sell', 1n, 1n)),
  },
  {
    name: 'a form of the exchange that takes its amount from elsewhere',
    reason: 'ledger-swap',
    steps: swap(({ data }) => {
      Buffer.from(discriminatorOf('route_with_token_ledger'), 'hex').copy(data)
    }),
  },
  {
    name: 'a swap by a program that we allow in our own transactions only',
    reason: 'unknown-swap',
    from: WHOLE,
    token: () => ({ router: AMM }),
  },
  {
    name: 'a delegate for another token',
    reason: 'approve',
    steps: adds(({ ours, thief, us }) => token([4, ...ALL_DOGS], ours.dog, thief.publicKey, us)),
  },
  {
    name: 'a delegate for another token, checked',
    reason: 'approve',
    steps: adds(({ ours, dog, thief, us }) =>
      token([13, ...ALL_DOGS, 6], ours.dog, dog.mint, thief.publicKey, us),
    ),
  },
  {
    name: 'an account gets another owner',
    reason: 'set-authority',
    steps: adds(({ ours, thief, us }) =>
      token([6, 2, 1, ...thief.publicKey.toBytes()], ours.dog, us),
    ),
  },
  {
    name: 'another account is closed to a thief',
    reason: 'close-account',
    steps: adds(({ ours, thief, us }) => closeAccount(ours.dog, thief.publicKey, us)),
  },
  {
    name: 'wrapped SOL is closed to a thief',
    reason: 'close-account',
    steps: adds(({ ours, thief, us }) => closeAccount(ours.wrapped, thief.publicKey, us)),
  },
  {
    name: 'another token is transferred',
    reason: 'token-transfer',
    steps: adds(({ ours, theirs, us }) => token([3, ...ALL_DOGS], ours.dog, theirs.dog, us)),
  },
  {
    name: 'another token is transferred, checked',
    reason: 'token-transfer',
    steps: adds(({ ours, theirs, dog, us }) =>
      token([12, ...ALL_DOGS, 6], ours.dog, dog.mint, theirs.dog, us),
    ),
  },
  {
    name: 'another token is burned',
    reason: 'token-transfer',
    steps: adds(({ ours, dog, us }) => token([8, ...ALL_DOGS], ours.dog, dog.mint, us)),
  },
  {
    name: 'a token program does something else',
    reason: 'token-call',
    steps: adds(({ ours }) => token([22], ours.dog)),
  },
  {
    name: 'the guard of an account is switched off',
    reason: 'token-call',
    steps: adds(({ ours, us }) => token2022([34, 1], ours.cat, us)),
  },
  {
    name: 'a hook is put on a token',
    reason: 'token-call',
    steps: adds(({ cat, us }) => token2022([36, 1, ...AMM.toBytes()], cat.mint, us)),
  },
  {
    name: 'withheld fees are withdrawn',
    reason: 'token-transfer',
    steps: adds(({ cat, theirs, us }) => token2022([26, 3, 1], cat.mint, theirs.cat, us, us)),
  },
  {
    name: 'the account that is bought into gets another closer',
    reason: 'set-authority',
    steps: adds(({ ours, thief, us }) =>
      token([6, 3, 1, ...thief.publicKey.toBytes()], ours.cat, us),
    ),
  },
  {
    name: 'wrapped SOL of somebody else is counted',
    reason: 'token-call',
    steps: adds(({ theirs }) => token([17], theirs.wrapped)),
  },
  {
    name: 'SOL is wrapped for somebody else',
    reason: 'sol-transfer',
    steps: adds(({ us, theirs }) =>
      SystemProgram.transfer({ fromPubkey: us, toPubkey: theirs.wrapped, lamports: 1000 }),
    ),
  },
  {
    name: 'the account that is bought into is closed',
    reason: 'close-account',
    steps: adds(({ ours, us }) => closeAccount(ours.cat, us, us)),
  },
  {
    name: 'a transfer by another instruction of the system program',
    reason: 'system-call',
    steps: adds(({ us, thief }) =>
      SystemProgram.transfer({
        fromPubkey: us,
        basePubkey: us,
        toPubkey: thief.publicKey,
        lamports: 1n,
        seed: 'x',
        programId: AMM,
      }),
    ),
  },
  {
    name: 'an account that the system program makes',
    reason: 'system-call',
    steps: adds(({ us }) =>
      SystemProgram.createAccountWithSeed({
        fromPubkey: us,
        basePubkey: us,
        newAccountPubkey: keypair('seeded').publicKey,
        lamports: 5_000_000,
        seed: 'x',
        space: 165,
        programId: TOKEN_ID,
      }),
    ),
  },
  {
    name: 'a durable nonce after the swap',
    reason: 'durable-nonce',
    steps: adds(({ us }) =>
      SystemProgram.nonceAdvance({ noncePubkey: keypair('nonce').publicKey, authorizedPubkey: us }),
    ),
  },
  {
    name: 'a nested account is recovered',
    reason: 'account-for-others',
    steps: adds(({ us, ours, dog }) => {
      const step = createAta(us, dog.mint, us)
      step.keys[1] = { ...step.keys[1]!, pubkey: ours.cat }
      step.data = Buffer.from([2])
      return step
    }),
  },
  {
    name: 'a memo',
    reason: 'foreign-program',
    steps: adds(
      ({ us }) =>
        new TransactionInstruction({
          programId: new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
          keys: [{ pubkey: us, isSigner: true, isWritable: false }],
          data: Buffer.from('hello'),
        }),
    ),
  },
  {
    name: 'the guard is asked to write an account of its own',
    reason: 'foreign-program',
    steps: adds(
      ({ us }) =>
        new TransactionInstruction({
          programId: new PublicKey(GUARD),
          keys: [{ pubkey: us, isSigner: true, isWritable: true }],
          data: Buffer.from([0, 0, 0, 0]),
        }),
    ),
  },
  {
    name: 'a signer who signs nothing',
    reason: 'extra-signer',
    from: WHOLE,
    bytes(transaction, { thief }) {
      const { message, signatures } = transaction
      message.staticAccountKeys.splice(1, 0, thief.publicKey)
      message.header.numRequiredSignatures = 2
      signatures.push(new Uint8Array(64))
      return transaction.serialize()
    },
  },
  {
    name: 'a closer over the account that is bought into, from before',
    reason: 'account-rights',
    before: cast =>
      poke(cast, cast.ours.cat, data => {
        data.writeUInt32LE(1, 129)
        cast.thief.publicKey.toBuffer().copy(data, 133)
        return data
      }),
  },
  {
    name: 'a delegate over the account that is bought into, from before',
    reason: 'account-rights',
    before: cast =>
      poke(cast, cast.ours.cat, data => {
        data.writeUInt32LE(1, 72)
        cast.thief.publicKey.toBuffer().copy(data, 76)
        data.writeBigUInt64LE(2n ** 63n, 121)
        return data
      }),
  },
  {
    name: 'a delegate for all accounts of the token',
    reason: 'mint-changed',
    token: ({ thief }) => ({ extensions: [EXTENSIONS.permanentDelegate(thief.publicKey)] }),
  },
  {
    name: 'a token that can be stopped',
    reason: 'mint-changed',
    token: ({ thief }) => ({ extensions: [EXTENSIONS.pausable(thief.publicKey)] }),
  },
  {
    name: 'more SOL is wrapped than was meant',
    reason: 'sol-transfer',
    steps: adds(({ us, ours }) =>
      SystemProgram.transfer({ fromPubkey: us, toPubkey: ours.wrapped, lamports: AMOUNT }),
    ),
  },
  {
    name: 'SOL for a thief',
    reason: 'sol-transfer',
    steps: adds(({ us, thief }) =>
      SystemProgram.transfer({ fromPubkey: us, toPubkey: thief.publicKey, lamports: 1 }),
    ),
  },
  {
    name: 'a durable nonce',
    reason: 'durable-nonce',
    steps: (steps, { us }) => [
      SystemProgram.nonceAdvance({ noncePubkey: keypair('nonce').publicKey, authorizedPubkey: us }),
      ...steps,
    ],
  },
  {
    name: 'our wallet is given to a program',
    reason: 'system-call',
    steps: adds(({ us, thief }) =>
      SystemProgram.assign({ accountPubkey: us, programId: thief.publicKey }),
    ),
  },
  {
    name: 'a program that nobody asked for',
    reason: 'foreign-program',
    steps: adds(
      ({ thief }) =>
        new TransactionInstruction({ programId: thief.publicKey, keys: [], data: Buffer.alloc(1) }),
    ),
  },
  {
    name: 'an account for somebody else',
    reason: 'account-for-others',
    steps: adds(({ us, dog }) => createAta(us, dog.mint, keypair('friend').publicKey)),
  },
  {
    name: 'an account of ours for a token that is not traded',
    reason: 'account-for-others',
    steps: adds(({ us, cat }) => createAta(us, keypair('bird').publicKey, us, cat.program)),
  },
  {
    name: 'another account of ours behind the swap',
    reason: 'other-account',
    steps: names(({ ours }) => ours.dog),
  },
  {
    name: 'a stake behind the swap',
    reason: 'foreign-kind',
    before: ({ world }) => {
      const programAddress = at('Stake11111111111111111111111111111111111111')
      const about = { executable: false, space: 200n, lamports: 5_000_000n as never }
      const data = new Uint8Array(200)
      world.cluster.svm.setAccount({
        address: at(keypair('stake').publicKey),
        programAddress,
        data,
        ...about,
      })
    },
    steps: names(() => keypair('stake').publicKey),
  },
  {
    name: 'one more signer',
    reason: 'extra-signer',
    steps: swap(step => {
      step.keys.push({ pubkey: keypair('other').publicKey, isSigner: true, isWritable: false })
    }),
  },
  {
    name: 'a fee above the cap',
    reason: 'priority-fee',
    from: WHOLE,
    steps: steps =>
      steps.map((step, i) =>
        i === 1 ? ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 50_000_000 }) : step,
      ),
  },
  {
    name: 'somebody else pays the fee',
    reason: 'fee-payer',
    from: WHOLE,
    bytes({ message }, cast) {
      const tables = [tableOf(cast)]
      const { instructions, recentBlockhash } = TransactionMessage.decompile(message, {
        addressLookupTableAccounts: tables,
      })
      const other = new TransactionMessage({
        payerKey: cast.thief.publicKey,
        recentBlockhash,
        instructions,
      })
      return new VersionedTransaction(other.compileToV0Message(tables)).serialize()
    },
  },
  {
    name: 'a signature that is there already',
    reason: 'signed-already',
    from: WHOLE,
    bytes(transaction) {
      transaction.signatures[0] = new Uint8Array(64).fill(7)
      return transaction.serialize()
    },
  },
  {
    name: 'bytes behind the transaction',
    reason: 'tx-bytes',
    from: WHOLE,
    bytes: transaction => Buffer.concat([transaction.serialize(), Buffer.from([0])]),
  },
  {
    name: 'bytes between message and signature',
    reason: 'tx-bytes',
    from: WHOLE,
    bytesOne: one => Buffer.concat([one.subarray(0, -64), Buffer.from([0]), one.subarray(-64)]),
  },
  {
    name: 'a version that nobody knows',
    reason: 'tx-version',
    from: WHOLE,
    bytesOne: one => Buffer.concat([Buffer.from([0x82]), one.subarray(1)]),
  },
  {
    name: 'a version that nobody knows, behind the signature',
    reason: 'tx-version',
    from: WHOLE,
    bytes(transaction) {
      const bytes = transaction.serialize()
      bytes[65] = 0x82
      return bytes
    },
  },
  {
    name: 'a header that sets what nobody knows',
    reason: 'compute-budget',
    from: WHOLE,
    bytesOne: changes(one => void (one[4]! |= 0b100000)),
  },
  {
    name: 'a header with half a fee',
    reason: 'compute-budget',
    from: WHOLE,
    bytesOne: changes(one => void (one[4]! &= 0b11110)),
  },
  {
    name: 'a fee above the cap in the header',
    reason: 'priority-fee',
    from: WHOLE,
    // Version, header, mask, blockhash, two counts; then 32 bytes for each account.
    bytesOne: changes(one => void one.writeBigUInt64LE(1_000_000_001n, 42 + 32 * one[41]!)),
  },
  {
    name: 'more accounts than a transaction of version 1 may have',
    reason: 'tx-bytes',
    from: WHOLE,
    bytesOne(one) {
      const [count, more] = [one[41]!, bystanders(60)]
      const at = 42 + 32 * count
      one[3]! += more.length
      one[41] = count + more.length
      const keys = more.map(key => key.toBuffer())
      return Buffer.concat([one.subarray(0, at), ...keys, one.subarray(at)])
    },
  },
  {
    name: 'a transaction larger than any',
    reason: 'tx-bytes',
    from: WHOLE,
    bytesOne: one => Buffer.concat([one, Buffer.alloc(4097 - one.length)]),
  },
  {
    name: 'a heap twice, or beside a header',
    reason: 'compute-budget',
    steps: steps => [
      ...steps,
      ...[1, 2].map(() => ComputeBudgetProgram.requestHeapFrame({ bytes: 65_536 })),
    ],
  },
  {
    name: 'two limits of units',
    reason: 'compute-budget',
    version: 0,
    steps: adds(() => ComputeBudgetProgram.setComputeUnitLimit({ units: 1_400_000 })),
  },
  {
    name: 'two prices, the second one the real one',
    reason: 'compute-budget',
    version: 0,
    steps: adds(() => ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 50_000_000 })),
  },
  {
    name: 'a price cut short',
    reason: 'compute-budget',
    from: WHOLE,
    version: 0,
    steps(steps) {
      steps[1]!.data = steps[1]!.data.subarray(0, 8)
      return steps
    },
  },
  {
    name: 'an account twice',
    reason: 'tx-bytes',
    from: WHOLE,
    bytes(transaction, { us }) {
      const { message } = transaction
      message.staticAccountKeys.push(us)
      message.header.numReadonlyUnsignedAccounts++
      return transaction.serialize()
    },
  },
  {
    name: 'our wallet once more, in a lookup table',
    reason: 'tx-bytes',
    from: WHOLE,
    before: cast => poke(cast, cast.cat.table, data => Buffer.concat([data, cast.us.toBuffer()])),
    bytes(transaction) {
      transaction.message.addressTableLookups[0]?.writableIndexes.push(4)
      return transaction.serialize()
    },
  },
  {
    name: 'a program out of a lookup table',
    reason: 'tx-bytes',
    from: WHOLE,
    bytes(transaction) {
      const { compiledInstructions, staticAccountKeys } = transaction.message
      compiledInstructions.at(-1)!.programIdIndex = staticAccountKeys.length
      return transaction.serialize()
    },
  },
  {
    name: 'a program that may be written to',
    reason: 'foreign-kind',
    version: 0,
    steps: names(({ cat }) => cat.router),
  },
  {
    name: 'a lookup table that is none',
    reason: 'lookup-table',
    from: ['jupiter-v1'],
    version: 0,
    before: cast =>
      cast.world.cluster.svm.setAccount({
        address: at(cast.cat.table),
        programAddress: at(AMM),
        executable: false,
        space: 56n,
        lamports: 1_000_000n as never,
        data: new Uint8Array(56),
      }),
  },
  {
    name: 'a lookup table that has no such entry yet',
    reason: 'lookup-table',
    from: WHOLE,
    bytes(transaction) {
      transaction.message.addressTableLookups[0]?.readonlyIndexes.push(200)
      return transaction.serialize()
    },
  },
  {
    name: 'a lookup table that is being closed',
    reason: 'lookup-table',
    version: 0,
    before: cast => poke(cast, cast.cat.table, data => void data.writeBigUInt64LE(5n, 4)),
  },
  {
    name: 'a lookup table that changes after the simulation',
    reason: 'lookup-table',
    version: 0,
    afterSimulation: cast =>
      poke(cast, cast.cat.table, data => void cast.theirs.wrapped.toBuffer().copy(data, 56 + 64)),
  },
  {
    name: 'a lookup table that names our account',
    reason: 'lookup-table',
    version: 0,
    before: cast =>
      poke(cast, cast.cat.table, data => Buffer.concat([data, cast.ours.cat.toBuffer()])),
  },
  {
    name: 'a hook on the token',
    reason: 'mint-changed',
    token: ({ thief }) => ({ extensions: [EXTENSIONS.transferHook(thief.publicKey, AMM)] }),
  },
  {
    name: 'a fee on the token',
    reason: 'mint-changed',
    token: ({ thief }) => ({
      extensions: [EXTENSIONS.transferFee(thief.publicKey, 50, 10n ** 15n)],
    }),
    before: raiseFee,
  },
  {
    name: 'the exchange’s program is upgraded after the simulation',
    reason: 'program-changed',
    greedy: 'after-simulation',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user', 'thief'],
      target: thief.publicKey,
      data: [2, 0, 0, 0, ...u64(1_000_000_000n)],
    }),
  },
  {
    name: 'its program takes SOL in an inner call',
    reason: 'takes-more',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user', 'thief'],
      target: thief.publicKey,
      data: [2, 0, 0, 0, ...u64(1_000_000_000n)],
    }),
  },
  {
    name: 'its program pays a deposit for somebody else',
    reason: 'takes-more',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user', 'thief'],
      target: thief.publicKey,
      data: [2, 0, 0, 0, ...u64(2_039_280n)],
    }),
  },
  {
    name: 'its program takes some of what was bought',
    reason: 'gives-less',
    inner: ({ theirs }) => ({
      program: 'programOut',
      accounts: ['destination', 'thief', 'user'],
      target: theirs.cat,
      data: [3, ...u64(200_000_000_000n)],
    }),
  },
  {
    name: 'its program sells more than was meant',
    reason: 'takes-more',
    side: 'sell',
    inner: ({ theirs }) => ({
      program: 'programIn',
      accounts: ['source', 'thief', 'user'],
      target: theirs.cat,
      data: [3, ...u64(1_000_000_000n)],
    }),
  },
  {
    name: 'its program keeps most of what was sold',
    reason: 'gives-less',
    side: 'sell',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user', 'thief'],
      target: thief.publicKey,
      data: [2, 0, 0, 0, ...u64(2_000_000n)],
    }),
  },
  {
    name: 'its program makes a delegate in an inner call',
    reason: 'account-rights',
    inner: ({ thief }) => ({
      program: 'programOut',
      accounts: ['destination', 'thief', 'user'],
      target: thief.publicKey,
      data: [4, ...ALL_DOGS],
    }),
  },
  {
    name: 'its program hands the account over',
    reason: 'account-rights',
    inner: ({ thief }) => ({
      program: 'programOut',
      accounts: ['destination', 'user'],
      target: thief.publicKey,
      data: [6, 2, 1, ...thief.publicKey.toBytes()],
    }),
  },
  {
    name: 'its program sets who may close the account',
    reason: 'account-rights',
    side: 'sell',
    inner: ({ thief }) => ({
      program: 'programIn',
      accounts: ['source', 'user'],
      target: thief.publicKey,
      data: [6, 3, 1, ...thief.publicKey.toBytes()],
    }),
  },
  {
    name: 'its program makes our wallet its own',
    reason: 'wallet-owner',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user'],
      target: thief.publicKey,
      data: [1, 0, 0, 0, ...AMM.toBytes()],
    }),
  },
  {
    name: 'its program takes a right over an account on the way',
    reason: 'other-changed',
    before({ world, us }) {
      const { mint } = world.addToken('bird')
      world.run(world.admin, [createAta(world.admin.publicKey, mint, us)])
    },
    quote(json) {
      const [leg] = json.routePlan
      json.routePlan.push({ ...leg, swapInfo: { ...leg.swapInfo, inputMint: bird().toBase58() } })
    },
    inner: ({ us }) => ({
      program: 'programOut',
      accounts: ['thief', 'user', 'user'],
      target: ata(bird(), us),
      data: [4, ...u64(1n)],
    }),
  },
  {
    name: 'after signing its program takes SOL',
    reason: 'landed',
    from: OURS,
    greedy: 'after-signing',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user', 'thief'],
      target: thief.publicKey,
      data: [2, 0, 0, 0, ...u64(1_000_000_000n)],
    }),
  },
  {
    name: 'after signing its program takes some of what was bought',
    reason: 'landed',
    from: OURS,
    greedy: 'after-signing',
    inner: ({ theirs }) => ({
      program: 'programOut',
      accounts: ['destination', 'thief', 'user'],
      target: theirs.cat,
      data: [3, ...u64(200_000_000_000n)],
    }),
  },
  {
    name: 'after signing its program makes a delegate',
    reason: 'landed',
    from: OURS,
    greedy: 'after-signing',
    inner: ({ thief }) => ({
      program: 'programOut',
      accounts: ['destination', 'thief', 'user'],
      target: thief.publicKey,
      data: [4, ...ALL_DOGS],
    }),
  },
  {
    name: 'after signing its program makes our wallet its own',
    reason: 'landed',
    from: OURS,
    greedy: 'after-signing',
    inner: ({ thief }) => ({
      program: 'system',
      accounts: ['user'],
      target: thief.publicKey,
      data: [1, 0, 0, 0, ...AMM.toBytes()],
    }),
  },
  {
    name: 'after signing its program sells more than was meant',
    reason: 'landed',
    side: 'sell',
    from: OURS,
    greedy: 'after-signing',
    inner: ({ theirs }) => ({
      program: 'programIn',
      accounts: ['source', 'thief', 'user'],
      target: theirs.cat,
      data: [3, ...u64(1_000_000_000n)],
    }),
  },
  {
    name: 'after signing its program takes a token of ours that it says is on the way',
    reason: 'landed',
    from: OURS,
    greedy: 'after-signing',
    quote: (json, { dog }) => {
      const [leg] = json.routePlan
      json.routePlan.push({
        ...leg,
        swapInfo: { ...leg.swapInfo, inputMint: dog.mint.toBase58() },
      })
    },
    inner: ({ ours, theirs }) => ({
      program: 'programOut',
      accounts: ['thief', 'other', 'user'],
      target: ours.dog,
      other: theirs.dog,
      data: [3, ...ALL_DOGS],
    }),
  },
  {
    name: 'after signing the token takes half of each transfer',
    reason: 'landed',
    from: OURS,
    token: ({ thief }) => ({
      extensions: [EXTENSIONS.transferFee(thief.publicKey, 0, 10n ** 15n)],
    }),
    afterSigning: raiseFee,
  },
]

/** Swaps as they should be: signed, and they land. */
export const HONEST: readonly Hostile[] = [
  { name: 'a buy', reason: 'signed' },
  { name: 'a sale', reason: 'signed', side: 'sell' },
  {
    name: 'a buy with a tip',
    reason: 'signed',
    from: OURS,
    tip: 10_000n,
    // A new account would need a deposit.
    before: ({ world }) => void world.cluster.svm.airdrop(at(TIP_ACCOUNT), 1_000_000n as never),
  },
  {
    name: 'a buy through shared accounts, in several steps',
    reason: 'signed',
    ...inForm(SHARED_V2),
  },
  {
    name: 'a sale through shared accounts, in several steps',
    reason: 'signed',
    side: 'sell',
    ...inForm(SHARED_V2),
  },
  { name: 'a buy by a split route of the first kind', reason: 'signed', ...inForm(SHARED_V1) },
  { name: 'a buy of an exact amount out', reason: 'signed', ...inForm(EXACT_OUT) },
  {
    name: 'a buy through an exchange that the IDL does not know, its amounts before it',
    reason: 'signed',
    ...inForm(
      SHARED_V2,
      puts(data => void (data[48] = 250)),
    ),
  },
  {
    name: 'a buy through an exchange that the IDL does not know, held by the guard',
    reason: 'signed',
    from: OURS,
    ...inForm(
      SHARED_V1,
      puts(data => void (data[13] = 250)),
    ),
  },
  { name: 'a buy of Token-2022', reason: 'signed', token: () => ({ isToken2022: true }) },
  {
    name: 'a buy of a token with a small fee',
    reason: 'signed',
    token: ({ thief }) => ({
      extensions: [EXTENSIONS.transferFee(thief.publicKey, 0, 10n ** 15n)],
    }),
  },
  {
    name: 'a buy by a program of the settings, put together by us',
    reason: 'signed',
    from: OURS,
    token: () => ({ router: AMM }),
  },
  {
    name: 'a sale with wrapped SOL in the wallet',
    reason: 'signed',
    side: 'sell',
    before: ({ world, us, ours }) =>
      void world.run(world.admin, [
        createAta(world.admin.publicKey, NATIVE_MINT, us),
        SystemProgram.transfer({
          fromPubkey: world.admin.publicKey,
          toPubkey: ours.wrapped,
          lamports: 1_000_000,
        }),
        syncNative(ours.wrapped),
      ]),
  },
  {
    name: 'a buy on an order book of 200,000 bytes',
    reason: 'signed',
    before({ world }) {
      world.cluster.svm.setAccount({
        address: at(keypair('book').publicKey),
        programAddress: at(AMM),
        executable: false,
        space: 200_000n,
        lamports: 2_000_000_000n as never,
        data: new Uint8Array(200_000),
      })
    },
    greedy: 'never',
    inner: () => ({
      program: 'system',
      accounts: [],
      target: keypair('book').publicKey,
      data: [],
    }),
  },
  {
    name: 'a buy so long that no guard fits',
    reason: 'signed',
    from: OURS,
    version: 0,
    // An account more than a program looks at is 33 bytes; guard and all would be 1264.
    steps(steps) {
      for (const pubkey of bystanders(17))
        steps[0]!.keys.push({ pubkey, isSigner: false, isWritable: false })
      return steps
    },
    counted: ['guard-does-not-fit'],
  },
]
