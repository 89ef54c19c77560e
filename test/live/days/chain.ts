import { keyText } from '../../../lib/sources/decode/base58.ts'
import { type Account, Failed, feeOf, run, type State } from './programs.ts'
import { readWire, type Wire } from './wire.ts'

/** A transaction that a block holds, with what it did to each account that it names. */
export interface Landed {
  wire: Wire
  height: number
  error: Failed | undefined
  fee: bigint
  before: (Account | undefined)[]
  after: (Account | undefined)[]
}

/** Height runs behind slots: some slots have no block. */
export const SLOT_AHEAD = 100
/** A blockhash is good for so many blocks. */
export const LIFE = 150
const START = 1000

/** A model of a chain: accounts with their history, blocks, and what waits to get into one. */
export interface Chain {
  tip(): number
  slotMs(): number
  /** Whether votes or certificates make blocks final, and whether votes ever did. */
  consensus(): 'tower' | 'alpenglow'
  hadVotes(): boolean
  /** From now on certificates do. */
  turnToCertificates(): void
  /** From now on slots take so long. */
  setSlot(ms: number, now: number): void
  /** Makes the blocks that are due. */
  advance(now: number): void
  get(key: string, height?: number): Account | undefined
  set(key: string, account: Account | undefined): void
  /** Puts an account there that was there before all blocks. */
  begin(key: string, account: Account): void
  /** Keys of all accounts that ever were. */
  keys(): Iterable<string>
  blockhash(height: number): string
  read(bytes: Buffer): Wire
  /** Hands bytes to leaders: in a block after so many blocks, if they are good then. */
  put(wire: Wire, blocks: number): void
  /** What a transaction would do now. */
  tryOut(wire: Wire): { error: Failed | undefined; get: State['get'] }
  landed: Map<string, Landed>
  /** The newest block turns out to be on a fork that loses; what it held may come again. */
  lose(blocks: number | undefined): void
  /** Height that the time of a block belongs to. */
  timeOf(height: number): number
}

interface Version {
  height: number
  account: Account | undefined
}

export function makeChain(startedAt: number, firstSlotMs: number): Chain {
  const history = new Map<string, Version[]>()
  const touched: { height: number; key: string }[] = []
  const periods = [{ from: 0, height: START, slotMs: firstSlotMs }]
  let tip = START
  let waiting: { wire: Wire; height: number }[] = []
  const last = () => periods.at(-1)!
  const heightAt = (now: number): number => {
    const { from, height, slotMs } = last()
    return height + Math.floor((now - from) / slotMs)
  }
  const set: Chain['set'] = (key, account) => {
    const versions = history.get(key)
    touched.push({ height: tip, key })
    if (versions === undefined) history.set(key, [{ height: tip, account }])
    else if (versions.at(-1)?.height === tip) versions.at(-1)!.account = account
    else versions.push({ height: tip, account })
  }
  const get: Chain['get'] = (key, height = tip) => {
    const versions = history.get(key)
    for (let i = (versions?.length ?? 0) - 1; i >= 0; i--)
      if (versions![i]!.height <= height) return versions![i]!.account
    return undefined
  }
  const hashes = new Map<string, number>()
  const blockhash = (height: number): string => {
    const bytes = Buffer.alloc(32, 7)
    bytes.writeUInt32LE(height)
    const text = keyText(bytes, 0)
    hashes.set(text, height)
    return text
  }
  /** A transaction on top of the accounts; what it changes is told, not done. */
  const tryOut: Chain['tryOut'] = wire => {
    const changes = new Map<string, Account | undefined>()
    const state: State = {
      get: key => (changes.has(key) ? changes.get(key) : get(key)),
      set: (key, account) => void changes.set(key, account),
    }
    const [payer = ''] = wire.keys
    const money = get(payer)
    const paid = money && { ...money, lamports: money.lamports - feeOf(wire) }
    state.set(payer, paid)
    try {
      run(state, wire)
      return { error: undefined, get: state.get }
    } catch (error) {
      if (!(error instanceof Failed)) throw error
      return { error, get: key => (key === payer ? paid : get(key)) }
    }
  }
  const land = (wire: Wire): void => {
    const since = hashes.get(wire.blockhash)
    const isGood = since !== undefined && since < tip && tip <= since + LIFE
    if (!isGood || chain.landed.has(wire.signature)) return
    const [payer = ''] = wire.keys
    if ((get(payer)?.lamports ?? 0n) < feeOf(wire)) return
    const { error, get: after } = tryOut(wire)
    const before = wire.keys.map(key => get(key))
    const changed = wire.keys.map(key => after(key))
    for (const [i, key] of wire.keys.entries()) if (changed[i] !== before[i]) set(key, changed[i])
    const fee = feeOf(wire)
    chain.landed.set(wire.signature, { wire, height: tip, error, fee, before, after: changed })
  }
  let consensus: ReturnType<Chain['consensus']> = 'tower'
  let hadVotes = false
  const chain: Chain = {
    consensus: () => consensus,
    hadVotes: () => hadVotes,
    turnToCertificates() {
      consensus = 'alpenglow'
      hadVotes = tip > START
    },
    tip: () => tip,
    slotMs: () => last().slotMs,
    setSlot(slotMs, now) {
      chain.advance(now)
      periods.push({ from: now, height: tip, slotMs })
    },
    advance(now) {
      const target = heightAt(now)
      while (tip < target) {
        const next = Math.min(target, ...waiting.map(({ height }) => Math.max(tip + 1, height)))
        tip = next
        const due = waiting.filter(({ height }) => height <= tip)
        waiting = waiting.filter(({ height }) => height > tip)
        for (const { wire } of due) land(wire)
      }
    },
    get,
    set,
    begin: (key, account) => void history.set(key, [{ height: 0, account }]),
    keys: () => history.keys(),
    blockhash,
    read: bytes => readWire(bytes, key => get(key)?.bytes),
    put: (wire, blocks) => void waiting.push({ wire, height: tip + 1 + blocks }),
    tryOut,
    landed: new Map(),
    lose(blocks) {
      const lost = [...chain.landed.values()].filter(({ height }) => height === tip)
      for (const { wire } of lost) {
        chain.landed.delete(wire.signature)
        if (blocks !== undefined) chain.put(wire, blocks)
      }
      for (
        let each = touched.at(-1);
        each?.height === tip && lost.length > 0;
        each = touched.at(-1)
      ) {
        touched.pop()
        const versions = history.get(each.key)!
        if (versions.at(-1)?.height === tip) versions.pop()
      }
    },
    timeOf(height) {
      const period = periods.findLast(each => each.height <= height) ?? periods[0]!
      return startedAt + period.from + (height - period.height) * period.slotMs
    },
  }
  return chain
}
