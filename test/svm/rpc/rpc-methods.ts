import { TOKEN, TOKEN_2022 } from '../../../lib/sources/decode/programs.ts'
import { type Commitment, holdingOf } from '../cluster.ts'
import { at } from '../wire.ts'
import { amountText, transactionJson } from './rpc-json.ts'
import { sendTransaction, simulateTransaction } from './rpc-send.ts'
import { answered, RpcError, type View } from './rpc-view.ts'

type Method = (view: View, first: any, second: any, third: any) => unknown

const commitmentOf = (config: any): Commitment => config?.commitment ?? 'finalized'
/** A method whose first parameter is the configuration. */
const configOf = (first: any): Commitment => commitmentOf(first)

function accountJson({ cluster }: View, key: string, config?: any): object | null {
  const account = cluster.svm.getAccount(at(key))
  if (!account.exists) return null
  const { lamports, programAddress: owner, executable, data } = account
  const { offset = 0, length = data.length } = config?.dataSlice ?? {}
  const base64 = Buffer.from(data.slice(offset, offset + length)).toString('base64')
  return {
    lamports: Number(lamports),
    owner,
    executable,
    rentEpoch: 0,
    space: data.length,
    data: [base64, 'base64'],
  }
}

/** Token accounts of a mint or of an owner, of both token programs. */
function holdings(
  { cluster }: View,
  isWanted: (token: { mint: string; owner: string; program: string }) => boolean,
) {
  return [TOKEN, TOKEN_2022].flatMap(program =>
    cluster.svm.getProgramAccounts(at(program)).flatMap(({ address }) => {
      const { token, lamports } = holdingOf(cluster.svm, address)
      return token !== undefined && isWanted(token)
        ? [{ address: String(address), lamports, ...token }]
        : []
    }),
  )
}

function tokenAccounts(
  view: View,
  owner: string,
  filter: { mint?: string; programId?: string },
  config: any,
): object {
  const found = holdings(
    view,
    token =>
      token.owner === owner &&
      (filter.mint === undefined || token.mint === filter.mint) &&
      (filter.programId === undefined || token.program === filter.programId),
  )
  return answered(
    view,
    found.map(({ address, ...token }) => ({
      pubkey: address,
      account: config?.encoding === 'jsonParsed' ? parsed(token) : accountJson(view, address),
    })),
  )
}

function parsed(token: {
  lamports: bigint
  mint: string
  owner: string
  amount: bigint
  program: string
  decimals: number
}) {
  const info = {
    mint: token.mint,
    owner: token.owner,
    isNative: false,
    state: 'initialized',
    tokenAmount: amountText(token.amount, token.decimals),
  }
  const program = token.program === TOKEN ? 'spl-token' : 'spl-token-2022'
  const data = { program, space: 165, parsed: { type: 'account', info } }
  return {
    lamports: Number(token.lamports),
    owner: token.program,
    executable: false,
    rentEpoch: 0,
    data,
  }
}

function statuses(view: View, signatures: string[], config: any): object {
  const finalAfter = view.height('processed') - view.height('finalized')
  const value = signatures.map(signature => {
    const landed = view.find(signature)
    if (landed === undefined || view.fault === 'no-status') return null
    const age = view.slot - landed.slot
    // A node forgets what is older than its cache unless it is asked to search its history.
    if (age > 150 && config?.searchTransactionHistory !== true) return null
    return {
      slot: landed.slot,
      confirmations: age >= finalAfter ? null : age,
      err: landed.error,
      status: landed.error === null ? { Ok: null } : { Err: landed.error },
      confirmationStatus: age >= finalAfter ? 'finalized' : age >= 1 ? 'confirmed' : 'processed',
    }
  })
  return answered(view, value)
}

function transaction(view: View, signature: string, config: any): object | null {
  const landed = view.find(signature)
  const age = landed === undefined ? 0 : view.slot - landed.slot
  const needed = view.height('processed') - view.height(commitmentOf(config))
  if (landed === undefined || age < Math.max(1, needed)) return null
  const { version } = landed.wire
  if (version !== 'legacy' && !(config?.maxSupportedTransactionVersion >= version))
    throw new RpcError(
      -32015,
      `Transaction version (${version}) is not supported by the requesting client`,
    )
  return transactionJson(landed, config?.encoding, view.timeOf(landed.slot))
}

function signatures(view: View, address: string, config: any): object[] {
  const all = [...view.cluster.landed.values()].filter(
    ({ slot, wire }) => slot <= view.slot && wire.keys.includes(address),
  )
  const rows = all.reverse().map(({ wire, slot, error }) => ({
    signature: wire.signature,
    slot,
    err: error,
    memo: null,
    blockTime: view.timeOf(slot),
    confirmationStatus: view.slot - slot > 31 ? 'finalized' : 'confirmed',
  }))
  const from = rows.findIndex(row => row.signature === config?.before) + 1
  const until = rows.findIndex(row => row.signature === config?.until)
  return rows.slice(from, until < 0 ? undefined : until).slice(0, config?.limit ?? 1000)
}

function largest(view: View, mint: string): object {
  const found = holdings(view, token => token.mint === mint).filter(({ amount }) => amount > 0n)
  found.sort((a, b) => (a.amount > b.amount ? -1 : 1))
  return answered(
    view,
    found
      .slice(0, 20)
      .map(({ address, amount, decimals }) => ({ address, ...amountText(amount, decimals) })),
  )
}

function tokenBalance(view: View, address: string): object {
  const { token } = holdingOf(view.cluster.svm, address)
  if (token === undefined) throw new RpcError(-32602, 'Invalid param: could not find account')
  return answered(view, amountText(token.amount, token.decimals))
}

function supply(view: View, mint: string): object {
  const account = view.cluster.svm.getAccount(at(mint))
  if (!account.exists) throw new RpcError(-32602, 'Invalid param: could not find mint')
  const data = Buffer.from(account.data)
  return answered(view, amountText(data.readBigUInt64LE(36), data[44] ?? 0))
}

function latestBlockhash(view: View, first: any): object {
  const { blockhash, lastValid } = view.cluster.blockhash(configOf(first))
  return answered(view, { blockhash, lastValidBlockHeight: lastValid })
}

const epoch = (view: View, config: any): object => ({
  absoluteSlot: view.slot - (view.height('processed') - view.height(configOf(config))),
  blockHeight: view.height(configOf(config)),
  epoch: 1036,
  slotIndex: view.slot,
  slotsInEpoch: 432_000,
  transactionCount: view.cluster.landed.size,
})

/** The methods that bots use, in the shapes of a real node. */
export const METHODS: Record<string, Method> = {
  getVersion: () => ({ 'solana-core': '4.0.0', 'feature-set': 1 }),
  getHealth: view => {
    if (view.lag > 0)
      throw new RpcError(-32005, `Node is behind by ${view.lag} slots`, {
        data: { numSlotsBehind: view.lag },
      })
    return 'ok'
  },
  getGenesisHash: view => view.genesis,
  getIdentity: view => ({ identity: view.identity }),
  getSlot: view => view.slot,
  getBlockHeight: (view, first) => view.height(configOf(first)),
  getBlockTime: (view, slot) => view.timeOf(slot),
  getEpochInfo: epoch,
  getLatestBlockhash: latestBlockhash,
  isBlockhashValid: (view, hash, config) => {
    const lastValid = view.cluster.lastValid(hash, commitmentOf(config))
    return answered(view, lastValid !== undefined && lastValid >= view.height('processed'))
  },
  getBalance: (view, key) => answered(view, Number(holdingOf(view.cluster.svm, key).lamports)),
  getAccountInfo: (view, key) => answered(view, accountJson(view, key)),
  getMultipleAccounts: (view, keys: string[], config) => {
    // A node looks at no more at once.
    if (keys.length > 100) throw new RpcError(-32602, 'Too many inputs provided; max 100')
    return answered(
      view,
      keys.map(key => accountJson(view, key, config)),
    )
  },
  getMinimumBalanceForRentExemption: (view, bytes) =>
    Number(view.cluster.svm.minimumBalanceForRentExemption(BigInt(bytes))),
  getRecentPerformanceSamples: ({ cluster, slot }, limit: number) =>
    Array.from({ length: Math.min(limit, 3) }, (_, back) => ({
      slot: slot - back * 100,
      numSlots: Math.round(60_000 / cluster.profile.slotMs),
      numTransactions: 1,
      numNonVoteTransactions: 1,
      samplePeriodSecs: 60,
    })),
  getAgGenesisCert: ({ cluster }) => {
    const { consensus } = cluster.profile
    if (consensus === 'unknown') throw new RpcError(-32601, 'Method not found')
    return consensus === 'tower' ? null : { slot: 459_652_999, signature: 'x' }
  },
  getTokenAccountBalance: tokenBalance,
  getTokenSupply: supply,
  getTokenLargestAccounts: largest,
  getRecentPrioritizationFees: view =>
    view.priorityFees.map((prioritizationFee, i) => ({ slot: view.slot - i, prioritizationFee })),
  getTokenAccountsByOwner: tokenAccounts,
  getSignaturesForAddress: signatures,
  getSignatureStatuses: statuses,
  getTransaction: transaction,
  simulateTransaction,
  sendTransaction,
}
