import { base58 } from '../../lib/sources/decode/bytes.ts'
import type { Holding, Landed } from '../cluster.ts'

/** An amount of tokens as JSON-RPC has it. */
export function amountText(amount: bigint, decimals: number): object {
  const digits = String(amount).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const part = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const text = part === '' ? whole : `${whole}.${part}`
  return { amount: String(amount), decimals, uiAmount: Number(text), uiAmountString: text }
}

const balances = (holdings: readonly Holding[]): object[] =>
  holdings.flatMap(({ token }, accountIndex) =>
    token === undefined
      ? []
      : [
          {
            accountIndex,
            mint: token.mint,
            owner: token.owner,
            programId: token.program,
            uiTokenAmount: amountText(token.amount, token.decimals),
          },
        ],
  )

const lamports = (holdings: readonly Holding[]): number[] =>
  holdings.map(each => Number(each.lamports))

/** A transaction of a block in the words of getTransaction. */
export function transactionJson(landed: Landed, encoding: unknown, blockTime: number): object {
  const { wire, slot, error, fee, before, after, logs, units } = landed
  const { keys, ownKeys, lookedUpWritable } = wire
  const meta = {
    err: error,
    fee: Number(fee),
    status: error === null ? { Ok: null } : { Err: error },
    preBalances: lamports(before),
    postBalances: lamports(after),
    rewards: [],
    innerInstructions: [],
    preTokenBalances: balances(before),
    postTokenBalances: balances(after),
    logMessages: logs,
    loadedAddresses: {
      writable: keys.slice(ownKeys, ownKeys + lookedUpWritable),
      readonly: keys.slice(ownKeys + lookedUpWritable),
    },
    computeUnitsConsumed: units,
  }
  const transaction =
    encoding === 'base64' ? [wire.bytes.toString('base64'), 'base64'] : messageJson(landed)
  return { slot, blockTime, version: wire.version, meta, transaction }
}

function messageJson({ wire }: Landed): object {
  const { header, keys, ownKeys, instructions } = wire
  const message = {
    accountKeys: keys.slice(0, ownKeys),
    header: {
      numRequiredSignatures: header.signers,
      numReadonlySignedAccounts: header.readonlySigners,
      numReadonlyUnsignedAccounts: header.readonlyOthers,
    },
    recentBlockhash: wire.blockhash,
    instructions: instructions.map(({ program, accounts, data }) => ({
      programIdIndex: program,
      accounts,
      data: data.length === 0 ? '' : base58(data),
      stackHeight: null,
    })),
    addressTableLookups: [],
  }
  return { signatures: wire.signatures, message }
}
