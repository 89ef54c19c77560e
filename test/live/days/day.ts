import { setMaxListeners } from 'node:events'
import { makeRng, type Rng } from '../../../lib/base/rng.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { TOKEN, WSOL } from '../../../lib/sources/decode/programs.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import type { Exchange } from '../../../lib/trade/live/send/jupiter/exchanges.ts'
import { codeSince, EMU, feeMint, openChain, TOKENS, type Token, US } from './cast.ts'
import type { Chain } from './chain.ts'
import { type Clock, makeClock } from './clock.ts'
import { makeDisk, SOUND } from './disk.ts'
import { reserves } from './exchange.ts'
import { wrongWith } from './invariants.ts'
import { CALM, type Death, LEDGER, type Life, live, type Outside } from './process.ts'
import { CODE } from './programs.ts'
import { stormOf } from './weather.ts'

/** What a day came to. */
export interface Day {
  decisions: number
  positions: number
  heldMs: number
  swaps: number
  lives: number
  /** Awaits that a process died at, and those that one came to. */
  diedAt: Set<number>
  came: Set<number>
  counts: Map<string, number>
}

const STARTED_AT = 1_796_000_000_000
const MIDNIGHT = Date.UTC(2026, 11, 1)
const DECISIONS = 12
/** Between two decisions, in ms of the clock. */
const PAUSE_MS = 12_000

/**
 * One day of trading under a seed, with so many awaits to die at, and at one of them for sure if
 * the day comes to it. Throws what is wrong, with its story.
 */
export async function runDay(
  seed: number,
  keyFile: string,
  sites: number,
  also: number | undefined,
): Promise<Day> {
  const rng = makeRng(`day/${seed}`)
  const site = sites === 0 ? undefined : seed % sites
  const stage = makeStage(rng, keyFile)
  const story: string[] = []
  try {
    return await dayOn(stage, rng, { site, also }, story)
  } catch (error) {
    const ledger = stage.outside.disk.text(LEDGER)
    throw new Error(`${(error as Error).stack}\n${story.join('\n')}\n${ledger}`)
  }
}

interface Stage {
  outside: Outside
  decisions: Decision[]
  counts: Map<string, number>
}

/** A decision that is told at a time, perhaps again after a restart. */
export interface Decision {
  id: string
  at: number
  token: Token
  lamports: bigint
  told: Rec | undefined
}

async function dayOn(
  { outside, decisions, counts }: Stage,
  rng: Rng,
  how: { site: number | undefined; also: number | undefined },
  story: string[],
): Promise<Day> {
  const { clock, disk } = outside
  const { site } = how
  let { also } = how
  const day: Day = {
    decisions: decisions.length,
    positions: 0,
    heldMs: 0,
    swaps: 0,
    lives: 0,
    diedAt: new Set(),
    came: new Set(),
    counts,
  }
  const lives = 1 + rng.below(3)
  for (let life = 0; life < lives; life++) {
    const storm = stormOf(rng, outside.hasWitness)
    const isLast = life === lives - 1 && life > 0
    // One node, which has lost what it knew of an order on its way: only the wallet tells.
    const isForgotten = !outside.hasWitness && isOnItsWay(disk.text(LEDGER))
    if (isForgotten) storm.weather.forgets = true
    outside.weather = storm.weather
    outside.hasLied ||= storm.weather.liar === 'node'
    outside.hasLost ||= storm.weather.forgets
    disk.faults = storm.disk
    clock.wall.drift = storm.drift
    const death = {
      ...deathOf(rng, isLast ? undefined : site),
      ...(isForgotten && { nth: Number.POSITIVE_INFINITY }),
      also,
    }
    story.push(`${storm.name}; dies ${JSON.stringify(death)}`)
    const lived = await live(outside, makeInput(outside, decisions, rng), death)
    take(day, lived, story)
    acceptLoss(outside, lived)
    if (lived.diedAt === also) also = undefined
    if (storm.losesPower) {
      disk.loseUnsynced()
      // A machine needs longer to come back than a transaction lives.
      await clock.until(clock.sleep(90_000, NEVER))
      if (disk.faults.lostSyncs > 0) {
        outside.pass()
        outside.hasLost = true
        outside.lostAt = outside.chain.tip()
      }
    } else await clock.until(clock.sleep(rng.below(5000), NEVER))
    clock.wall.setBy(storm.clockSetBy)
    story.push(...wrongWith(outside, decisions).map(wrong => `wrong: ${wrong}`))
  }
  outside.weather = CALM
  disk.faults = SOUND
  clock.wall.setBy(outside.startedAt + clock.now() - clock.wall.now())
  for (let tries = 0; tries < 4; tries++) {
    const death: Death = { site: -1, nth: 1, when: 'enter', also }
    const lived = await live(outside, makeInput(outside, decisions, rng), death)
    also = undefined
    take(day, lived, story)
    if (acceptLoss(outside, lived)) continue
    const isOpen = /positions are still open/.test(String(lived.error))
    if (lived.diedAt === undefined && !isOpen) break
  }
  const wrong = wrongWith(outside, decisions, true)
  if (wrong.length > 0) throw new Error(wrong.join('; '))
  measure(day, outside.chain)
  return day
}

/** Whether the last that a ledger says is that a buy was sent. */
const isOnItsWay = (ledger: string): boolean =>
  /"side":"buy","state":"(signed|sent)"[^\n]*\n$/.test(ledger)

/**
 * Where the disk has lost what it had said was safe, the head beside the ledger tells of lines that
 * are gone, and nothing is traded until a human has seen it. Where it has not, that is a lie.
 */
function acceptLoss({ disk, hasLost }: Outside, { error }: Life): boolean {
  if (!/its last lines are gone|is not the file/.test(String(error))) return false
  if (!hasLost) throw error
  disk.remove(`${LEDGER}.head`)
  return true
}

const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)

function take(day: Day, { lines, diedAt, came, error }: Life, story: string[]): void {
  day.lives++
  if (diedAt !== undefined) day.diedAt.add(diedAt)
  for (const site of came) day.came.add(site)
  const told = lines.map(({ kind, order, position, mint }) => {
    const more = order?.reasons.join('+') ?? position?.status ?? ''
    const intent = order?.intent.slice(0, 4) ?? ''
    return `${kind} ${intent} ${mint?.slice(0, 4)} ${order?.state ?? ''} ${more}`
  })
  story.push(`died at ${diedAt}, ${error}`, ...told.map(each => `  ${each}`))
}

/** When a process is to die. */
function deathOf(rng: Rng, site: number | undefined): Omit<Death, 'also'> {
  const when = rng.next() < 0.5 ? 'enter' : 'leave'
  // A site that is come to rarely may be come to once only.
  if (site !== undefined) return { site, nth: rng.next() < 0.7 ? 1 : 1 + rng.below(4), when }
  return { site: undefined, nth: 1 + rng.below(600), when }
}

function makeStage(rng: Rng, keyFile: string): Stage {
  // Some days go over midnight, when caps of a day begin anew.
  const startedAt = rng.next() < 0.3 ? MIDNIGHT - 20_000 - rng.below(120_000) : STARTED_AT
  const clock = makeClock(startedAt)
  const chain = openChain(startedAt, 400)
  const counts = new Map<string, number>()
  const market = rng.fork('market')
  const forks = rng.fork('forks')
  let moved = 0
  const slotsHalve = rng.next() < 0.2 ? rng.below(200_000) : Number.POSITIVE_INFINITY
  let isHalved = false
  const turns = turnsOf(rng.fork('turns'), chain)
  const outside: Outside = {
    startedAt,
    chain,
    clock,
    disk: makeDisk(rng.fork('disk')),
    rng: rng.fork('outside'),
    weather: CALM,
    keyFile,
    hasWitness: rng.next() < 0.8,
    exchange: turns.exchange,
    hasRelay: turns.hasRelay,
    hasLost: false,
    lostAt: 0,
    hasLied: false,
    count: what => void counts.set(what, (counts.get(what) ?? 0) + 1),
    pass() {
      const now = clock.now()
      if (!isHalved && now >= slotsHalve) {
        isHalved = true
        chain.setSlot(200, now)
      }
      chain.advance(now)
      turns.pass(now)
      if (forks.next() < 0.05 && newestHeight(chain) === chain.tip())
        chain.lose(forks.next() < 0.5 ? forks.below(100) : undefined)
      for (; moved + 2000 <= now; moved += 2000) trade(chain, market)
    },
  }
  return { outside, counts, decisions: decisionsOf(rng.fork('decisions')) }
}

/** What a day trades through, and what turns on the chain in the middle of it. */
function turnsOf(rng: Rng, chain: Chain) {
  const due: { at: number; turn(): void }[] = []
  const sometimes = (chance: number, ...turns: (() => void)[]): void => {
    const happens = rng.next() < chance
    let at = rng.below(200_000)
    for (const turn of turns) {
      if (happens) due.push({ at, turn })
      at += 5000 + rng.below(25_000)
    }
  }
  const draw = rng.next()
  const exchange: Exchange =
    draw < 0.84 ? 'jupiter-v1' : draw < 0.94 ? 'jupiter-v2' : 'jupiter-v2-order'
  if (rng.next() < 0.15) chain.turnToCertificates()
  sometimes(0.15, chain.turnToCertificates)
  sometimes(0.2, () => chain.set(EMU.mint, feeMint(BigInt(1 + rng.below(3000)))))
  // An exchange that makes transactions of its own leaves no room for a guard against that.
  if (exchange !== 'jupiter-v2-order')
    sometimes(0.2, ...[true, false].map(isEvil => () => putCode(chain, isEvil)))
  return {
    exchange,
    hasRelay: rng.next() < 0.2,
    pass(now: number): void {
      for (const each of due.filter(({ at }) => at <= now)) {
        due.splice(due.indexOf(each), 1)
        each.turn()
      }
    },
  }
}

const putCode = (chain: Chain, isEvil: boolean): void =>
  chain.set(CODE, codeSince(chain.tip(), isEvil))

function decisionsOf(rng: Rng): Decision[] {
  return Array.from({ length: DECISIONS }, (_, i) => ({
    id: `d${i}`,
    at: i * PAUSE_MS + rng.below(PAUSE_MS),
    token: TOKENS[rng.below(TOKENS.length)]!,
    // No two are alike: what a swap takes tells whose it is.
    lamports: 50_000_000n + BigInt(rng.below(8)) * 100_000_000n + BigInt(i),
    told: undefined,
  }))
}

/** Height of the newest transaction. */
const newestHeight = ({ landed }: Chain): number | undefined => [...landed.values()].at(-1)?.height

/** Others trade: prices go up and down by some percent. */
function trade(chain: Chain, rng: Rng): void {
  const token = TOKENS[rng.below(TOKENS.length)]!
  const vault = chain.get(token.solVault)
  if (vault?.token === undefined) return
  const factor = BigInt(Math.round(1000 * Math.exp(0.04 * rng.normal())))
  const amount = (vault.token.amount * factor) / 1000n
  const lamports = vault.lamports + amount - vault.token.amount
  chain.set(token.solVault, { owner: TOKEN, lamports, token: { ...vault.token, amount } })
}

/** Decisions at their times; after a restart the last ones are told again. */
function makeInput(
  { chain, clock, pass, startedAt }: Outside,
  decisions: readonly Decision[],
  rng: Rng,
) {
  return async function* (isDead: () => boolean, sleep: Clock['sleep']): AsyncGenerator<Line[]> {
    const told = decisions.findLastIndex(each => each.told !== undefined)
    const again = Math.max(0, told - rng.below(3))
    for (const decision of decisions.slice(Math.max(0, again))) {
      await sleep(decision.at - clock.now(), NEVER)
      if (isDead()) return
      pass()
      const isAgain = decision.told !== undefined && rng.next() < 0.7
      const ts = isAgain ? decision.told!.ts : startedAt + clock.now()
      decision.told = lineOf(chain, decision, Math.floor(ts))
      yield [makeLine(decision.told)]
    }
  }
}

function lineOf(chain: Chain, { id, token, lamports }: Decision, ts: number): Rec {
  const { tokens, lamports: sol } = reserves(chain, token)
  return {
    v: 1,
    id,
    ts,
    kind: 'market',
    mint: token.mint,
    pool: token.pool,
    source: 'test',
    market: {
      dex: 'test',
      quoteMint: WSOL,
      baseDecimals: 6,
      quoteDecimals: 9,
      feeBps: 25,
      baseAmount: String(tokens),
      quoteAmount: String(sol),
    },
    decision: {
      act: 'buy',
      sizeLamports: String(lamports),
      reasons: [],
      unknown: [],
      confidence: 0.9,
    },
  } as unknown as Rec
}

/** Positions, and how long they were held, by the chain. */
function measure(day: Day, chain: Chain): void {
  const openedAt = new Map<string, number>()
  for (const { error, wire, height, before, after } of chain.landed.values()) {
    if (error !== undefined || wire.keys[0] !== US) continue
    day.swaps++
    for (const { ours } of TOKENS) {
      const at = wire.keys.indexOf(ours)
      if (at < 0) continue
      const [had, has] = [before[at]?.token?.amount ?? 0n, after[at]?.token?.amount ?? 0n]
      if (had === 0n && has > 0n) {
        day.positions++
        openedAt.set(ours, chain.timeOf(height))
      }
      if (has === 0n && had > 0n) day.heldMs += chain.timeOf(height) - (openedAt.get(ours) ?? 0)
    }
  }
}
