import { messageOf } from '../base/errors.ts'
import { USDC, WSOL } from '../sources/decode/programs.ts'
import {
  type ChainProfile,
  chainDifference,
  lifetimeMs,
  RELEASE_CHAIN,
  readChain,
} from '../trade/chain-profile.ts'
import { makeChain } from '../trade/live/chain/chain.ts'
import { measureChain } from '../trade/live/chain/measure-chain.ts'
import { examineWitness, witnessAt } from '../trade/live/chain/witness.ts'
import { askJupiter, bodyOf, quoteParams } from '../trade/live/send/jupiter/jupiter-body.ts'
import { type Patient, sol, Wrong } from './live-patient.ts'

/**
 * A newest block older than this: the node hangs, or the chain does. And how far clocks may differ
 * (as `execute`).
 */
const MAX_BLOCK_AGE_MS = 20_000
const MAX_SKEW_MS = 5000
const LAMPORTS_ASKED = 1_000_000n
const ASK_MS = 5000

const ask = ({ call, signal }: Patient, method: string, ...params: unknown[]): Promise<unknown> =>
  call()(method, params, signal, 'normal')

/** The node answers, and with which version. */
export async function rpc(patient: Patient): Promise<string> {
  const version = (await ask(patient, 'getVersion')) as { 'solana-core'?: unknown }
  return (
    `${patient.endpoint().url.host} runs ` +
    `${String(version['solana-core'] ?? 'an unknown version').slice(0, 40)}`
  )
}

/** The node is of the chain that the configuration names. */
export async function genesis(patient: Patient): Promise<string> {
  const found = await ask(patient, 'getGenesisHash')
  const { genesis: expected } = patient.settings()
  if (found !== expected)
    throw new Wrong(`genesis is ${String(found).slice(0, 60)}, expected ${expected}`)
  return expected
}

/** How many different nodes say that a transaction did not land, where one is not enough. */
export async function witness(patient: Patient): Promise<string> {
  const { settings, endpoint, call, otherCall, signal } = patient
  const { witness: where, genesis } = settings()
  if (where === undefined) {
    const { consensus } = await chainOf(patient)
    if (consensus === 'alpenglow') return 'one node is enough: the chain finalizes at once'
    throw new Wrong('one witness: a buy that did not land stays unknown')
  }
  const { url } = witnessAt(where, endpoint().url)
  const other = { witness: makeChain(otherCall()), node: makeChain(call()), genesis }
  await examineWitness(other, signal)
  return `two witnesses: ${url.host} is another node of the same chain`
}

/** What the chain is like, beside what paper trades are modelled on. */
export async function chain(patient: Patient): Promise<string> {
  const found = await chainOf(patient)
  const { chain: path } = patient.execute()
  const model = path === undefined ? RELEASE_CHAIN : readChain(path)
  const differs = chainDifference(model, found)
  const text =
    `slots of ${found.slotMs} ms, a transaction lives ` +
    `${(lifetimeMs(found) / 1000).toFixed(0)} s, a token account takes ` +
    `${found.tokenAccountRent} lamports, consensus ${found.consensus}, ` +
    `transactions up to version ${found.transactionVersion}`
  if (differs.length > 0)
    throw new Wrong(`${text}; the paper model is of another chain: ${differs.join(', ')}`)
  return text
}

/** The chain as its node tells it now. */
export function chainOf({ call, now, settings, signal }: Patient): Promise<ChainProfile> {
  return measureChain({ call: call(), now, payer: settings().wallet }, signal)
}

/** The node does not say that it is behind. */
export async function health(patient: Patient): Promise<string> {
  try {
    await ask(patient, 'getHealth')
  } catch (error) {
    if (/-32005/.test(messageOf(error))) throw new Wrong(messageOf(error))
    throw error
  }
  return 'ok'
}

/** The newest confirmed block is young, and not from the future. */
export async function blocks(patient: Patient): Promise<string> {
  const slot = await ask(patient, 'getSlot', { commitment: 'confirmed' })
  const height = await ask(patient, 'getBlockHeight', { commitment: 'confirmed' })
  const seconds = await ask(patient, 'getBlockTime', slot)
  if (typeof seconds !== 'number' || typeof height !== 'number')
    throw new Error('the node tells no time of its block')
  const ageMs = patient.now() - seconds * 1000
  const text = `block ${height} is ${(ageMs / 1000).toFixed(0)} s old`
  if (ageMs > MAX_BLOCK_AGE_MS || ageMs < -MAX_SKEW_MS) throw new Wrong(text)
  return text
}

/** The wallet holds a trade and the reserve that is never spent. */
export async function balance(patient: Patient): Promise<string> {
  const {
    wallet: address,
    caps: { perTrade },
  } = patient.settings()
  const { reserve } = patient.execute()
  const { value } = (await ask(patient, 'getBalance', address, { commitment: 'confirmed' })) as {
    value?: unknown
  }
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new Error('the node tells no balance')
  const held = BigInt(value)
  const text = `${sol(held)}; ${sol(reserve)} are kept for exits, a trade may take ${sol(perTrade)}`
  if (held < reserve + perTrade) throw new Wrong(text)
  return text
}

/** A quote that is never used. */
async function quoted(
  patient: Patient,
): Promise<{ status: number; date: number | undefined; text: string }> {
  const { jupiter: base, jupiterPerMinute: perMinute, wallet: address } = patient.settings()
  const at = {
    http: patient.http,
    base,
    key: patient.jupiterKey(),
    wallet: address,
    perMinute,
    timeoutMs: ASK_MS,
  }
  const params = quoteParams({
    inMint: WSOL,
    outMint: USDC,
    amount: LAMPORTS_ASKED,
    slippageBps: 50,
  })
  const answer = await askJupiter(at, `/swap/v1/quote?${params}`, undefined, patient.signal)
  if (answer.status === 401 || answer.status === 403) return { ...answer, text: 'refuses the key' }
  return {
    ...answer,
    text: bodyOf(answer, 'jupiter.quote') === undefined ? 'answers, without a route' : 'quotes',
  }
}

/** There is a key for the exchange, and it is accepted. */
export async function jupiter(patient: Patient): Promise<string> {
  if (patient.jupiterKey() === undefined)
    throw new Wrong('there is no live.jupiterKey; the API wants one')
  const { status, text } = await quoted(patient)
  if (status === 401 || status === 403) throw new Wrong(`${status}: ${text}`)
  return text
}

/** This clock and that of the exchange agree. */
export async function clock(patient: Patient): Promise<string> {
  const { date } = await quoted(patient)
  if (date === undefined) throw new Error('nobody told the time')
  const skewMs = patient.now() - date
  const text =
    `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the ` +
    'exchange'
  if (Math.abs(skewMs) > MAX_SKEW_MS) throw new Wrong(text)
  return text
}
