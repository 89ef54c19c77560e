import { setMaxListeners } from 'node:events'
import { UsageError } from '../../base/errors.ts'
import type { TradeRule } from '../../decide/trade-case.ts'
import type { Rec } from '../../records/record.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { SteadyTime } from '../../sources/net/steady-time.ts'
import type { Disk } from '../../store/machine-disk.ts'
import type { Step } from '../../stream/step.ts'
import { daysOf } from '../buying.ts'
import { openTrading } from '../execute/execute.ts'
import type { ExecuteFlags } from '../execute/execute-flags.ts'
import { planOf } from '../execute/execute-plan.ts'
import { cashOf } from '../ledger/ledger.ts'
import type { Trading } from '../trade-plan.ts'
import type { Placed } from '../venue.ts'
import { reservesFor } from '../view.ts'
import { capsOf } from './caps.ts'
import type { Chain } from './chain/chain.ts'
import { agreement, readWallet } from './chain/holdings.ts'
import { chainLine, type KnownChain } from './chain/known-chain.ts'
import { makeMints } from './chain/mint-info.ts'
import type { Solana } from './chain/solana.ts'
import type { Witness } from './chain/witness.ts'
import { type ForeignWatch, makeForeignWatch } from './foreign-watch.ts'
import { makeLiveRun } from './live-run.ts'
import type { LiveSettings } from './live-settings.ts'
import { makeLiveStep } from './live-step.ts'
import { makeOutside } from './outside-live.ts'
import { type LiveVenue, makeLiveVenue, SIGNATURE_FEE } from './send/live-venue.ts'
import { makeOutflow } from './send/outflow.ts'
import { claimLine, claimsOf } from './send/reclaim.ts'
import { makeSigner, type Permit, type Signer } from './send/signer.ts'
import type { Swapper } from './send/swapper.ts'
import { versionsOf } from './sign/tx-versions.ts'
import { recheckMint } from './token/recheck-mint.ts'
import type { Vet } from './vet.ts'

/** What live trading is made of. */
interface LiveGear {
  flags: ExecuteFlags
  /** Asked before a buy; those of this program unless said. */
  rules?: readonly TradeRule[] | undefined
  settings: LiveSettings
  solana: Solana
  chain: Chain
  /** What the chain is like, by the node. */
  known: KnownChain
  /** Another node, for its word on what did not land. */
  witness?: Witness | undefined
  swapper: Swapper
  time: Time & Partial<Pick<SteadyTime, 'follow'>>
  /**
   * Path of the ledger, and how much of the disk is kept back beside it for the day on which it is
   * full.
   */
  ledger: string
  ballastBytes: number
  /** The disk of the machine unless said. */
  disk?: Disk | undefined
  /** Mints to sell with --flatten; all when none. */
  mints: readonly string[]
  isKilled(): boolean
  signal: AbortSignal
  interrupted: AbortSignal
  /** Looks at what has to be right before anything else. */
  check(signal: AbortSignal): Promise<void>
  /** Reasons against buying a token, by the chain. */
  vet?: Vet | undefined
  /** Another way to a leader, beside node and exchange. */
  relay?: ((tx: string, signal: AbortSignal) => Promise<void>) | undefined
  count(what: string): void
  /** Told what a human should know at once. */
  alert?: ((name: string, text: string) => void) | undefined
  warn(text: string): void
}

/**
 * Puts key, wallet, ledger, venue and step together. UsageErrors where key and wallet or ledger do
 * not fit.
 */
export async function assembleLive(gear: LiveGear): Promise<Step> {
  const { flags, rules, settings, chain, known, time, ledger, count, warn } = gear
  const [closing, stopping] = [new AbortController(), new AbortController()]
  setMaxListeners(0, closing.signal, stopping.signal) // Each order on its way waits for both.
  let permit: Permit = () => 'the book is not open yet'
  const signer = openSigner(gear, (...asked) => permit(...asked))
  await gear.check(closing.signal)
  const wallet = () => readWallet(chain, signer.wallet, closing.signal)
  const cash = cashOf(ledger, gear.disk) ?? (await wallet()).lamports
  // What nobody could check is not bought with real money.
  const plan = { ...planOf({ ...flags, strictUnknown: true }, rules), mode: 'live' }
  const foreign = watchFor(gear, signer, () => opened.trading)
  const noBuys = () => (opened.isFull() ? 'disk-full' : (known.noBuys() ?? foreign.noBuys()))
  const outside = makeOutside(plan.rules, time, gear.isKilled, noBuys)
  const mints = makeMints(chain)
  const signals = { stopping: stopping.signal, closed: closing.signal }
  const venue = openVenue({ ...gear, mintsOf: mints }, signer, () => opened.trading, signals)
  const opened = openTrading({
    plan,
    venue,
    outside,
    cash,
    ledger,
    warn,
    fee: () => SIGNATURE_FEE,
    rent: () => known.profile().tokenAccountRent,
    ballastBytes: gear.ballastBytes,
    disk: gear.disk,
    maxTokens: flags.maxTokens,
    wallet: signer.wallet,
    count: what => {
      outside.counted(what)
      count(what)
    },
  })
  chain.notBefore(opened.trading.account.slot())
  await known.begin(profile => opened.trading.write(chainLine(profile, time.now())), closing.signal)
  await foreign.begin(closing.signal)
  permit = capsOf(opened.trading.account, settings.caps, () =>
    daysOf(opened.trading.account, time.now(), outside),
  )
  const controllers = { closing, stopping }
  return stepOf(gear, { opened, venue, outside, foreign, wallet, mints, controllers })
}

interface Parts {
  opened: ReturnType<typeof openTrading>
  venue: LiveVenue
  outside: ReturnType<typeof makeOutside>
  foreign: ForeignWatch
  wallet(): ReturnType<typeof readWallet>
  mints: ReturnType<typeof makeMints>
  controllers: Record<'closing' | 'stopping', AbortController>
}

/** The step over what has been opened. */
function stepOf(gear: LiveGear, parts: Parts): Step {
  const { flags, warn } = gear
  const { opened, venue, outside, foreign, wallet, mints, controllers } = parts
  const { closing, stopping } = controllers
  const isWanted = (mint: string): boolean => gear.mints.length === 0 || gear.mints.includes(mint)
  // To reclaim is to sell nothing, and to end.
  const flatten = flags.flatten ? isWanted : flags.reclaim ? () => false : undefined
  const reclaim = flags.reclaim
    ? () => claimLines(gear, opened.trading, isWanted, closed)
    : undefined
  const closed = closing.signal
  const match = () => agreement(opened.trading, wallet, mint => mints(mint, closed), warn)
  const { seen } = foreign
  const run = makeLiveRun({
    ...gear,
    opened,
    venue,
    flatten,
    closed,
    match,
    reclaim,
    foreign: seen,
  })
  return makeLiveStep({
    ...gear,
    run,
    opened,
    venue,
    flatten,
    closed,
    saw: outside.saw,
    haltedBy: () => (seen() > 0 ? foreign.noBuys() : outside.haltedBy()),
    stop: () => stopping.abort(),
    close: () => closing.abort(),
  })
}

/** The key of the settings, which has to be that of their wallet. */
function openSigner({ settings, solana }: LiveGear, permit: Permit): Signer {
  const signer = makeSigner(solana, settings.keypair, permit)
  if (signer.wallet === settings.wallet) return signer
  throw new UsageError(
    `config.json: live.keypair is the key of ${signer.wallet}, live.wallet is ${settings.wallet}`,
  )
}

/** An order for each deposit that can be taken back; how much is said. */
async function claimLines(
  { chain, settings, count, warn }: LiveGear,
  trading: Trading,
  isWanted: (mint: string) => boolean,
  signal: AbortSignal,
): Promise<Rec[]> {
  const { claims, left } = await claimsOf(chain, settings.wallet, isWanted, signal)
  const back = claims.reduce((sum, claim) => sum + claim.back, 0n)
  warn(`${claims.length} token accounts hold ${back} lamports that nothing needs`)
  if (left > 0) warn(`${left} more are left for the next run`)
  return claims.map(claim => {
    count(`reclaim-${claim.kind}`)
    return claimLine(trading, claim)
  })
}

/** Looks whether somebody else uses the key. */
function watchFor(
  { chain, time, count, warn, alert }: LiveGear,
  { wallet }: Signer,
  tradingOf: () => Trading,
): ForeignWatch {
  const isOurs = (signature: string): boolean => tradingOf().account.hasSigned(signature)
  const found = (signature: string): void =>
    alert?.(
      'foreign-transaction',
      `${wallet} has signed ${signature}, which is not in the ledger: nothing is bought any more`,
    )
  return makeForeignWatch({ chain, wallet, isOurs, time, count, warn, found })
}

/** The way to the chain; `tradingOf` gives what is opened after it. */
function openVenue(
  gear: LiveGear & { mintsOf: ReturnType<typeof makeMints> },
  signer: Signer,
  tradingOf: () => Trading,
  signals: { stopping: AbortSignal; closed: AbortSignal },
): LiveVenue {
  const { flags, chain, vet } = gear
  const { programs, tipAccounts: tips, tip } = gear.settings
  const decimalsOf = ({ mint, pool }: Placed): number | undefined => {
    const seen = tradingOf().view.get(mint)
    return seen === undefined ? undefined : (reservesFor(seen, pool)?.baseDecimals ?? seen.decimals)
  }
  return makeLiveVenue(
    {
      ...gear,
      ...signals,
      profile: gear.known.profile,
      versions: () => versionsOf(gear.settings.transactionVersion, gear.known.profile()),
      vet: vet && ((order, signal) => vet(order, decimalsOf(order), signal)),
      signer,
      programs,
      tips,
      tip,
      mints: gear.mintsOf,
      finalizesAtOnce: gear.known.finalizesAtOnce,
      recheck: mint => recheckMint(mint, gear.settings.checks),
      takenByOthers: order => takenByOthers(tradingOf(), order),
      outflow: makeOutflow(chain, signer.wallet),
      floorPriorityFee: FLOOR,
      maxAgeMs: flags.maxAge,
    },
    { maxPriorityFee: flags.maxPriorityFee },
  )
}

/** Least priority fee of a transaction, in lamports: a fifth of a signature. */
const FLOOR = 1000n

/** What orders in flight may take from the wallet, this one left out. */
function takenByOthers({ account }: Trading, { intent }: Placed): bigint {
  const { intents } = account
  return intents.reserved() - (intents.get(intent)?.reserved ?? 0n)
}
