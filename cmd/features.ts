import { UsageError } from '../lib/base/errors.ts'
import { duration, file, grouped, list, type Values } from '../lib/base/flags.ts'
import { type Command, type Ctx, step } from '../lib/cli/command.ts'
import type { FeatureFamily } from '../lib/features/kit/family.ts'
import { FAMILIES, familyFlags, type OurFlags, setsOf } from '../lib/features/sets.ts'
import { maxTokens } from '../lib/features/token-store.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import { identityOf, type Plugin, stampOf } from '../lib/plugins/plugin.ts'
import type { Step } from '../lib/stream/step.ts'

const setNames = ({ families }: Pick<Plugin, 'families'>): string[] =>
  setsOf(families).map(({ name }) => name)
const isUsed = (sets: readonly string[]) => (plugin: Plugin) =>
  setNames(plugin).some(name => sets.includes(name))

/** What a state over all tokens is called where it is saved. */
const keysOf = (families: readonly FeatureFamily[]): { name: string }[] =>
  families.flatMap(({ market }) => (market === undefined ? [] : [{ name: market.key }]))

const DETAILS =
  'Each set is put on the kinds of lines it is read from: tabular on token and market ' +
  'lines, pool on market lines, sequence, price and volatility on candles, opportunity ' +
  'on opportunities. regime (shares of all pools per regime over the last hour) is ' +
  'market-wide and only computed when named, as is whales (large trades, on trade and ' +
  'market lines).\n\n' +
  'Features of a token depend on earlier lines of that token and the line itself.\n\n' +
  'With --smart-ranking smart money is who has realised most so far, by average cost ' +
  'over the trades against SOL of all tokens: at least three tokens sold, drawn up anew ' +
  'every five minutes of event time from earlier lines. Lines with warm:true only build ' +
  'up state.'

/** Flags of the command itself; each family adds its own. */
const ownFlags = (sets: readonly string[]) => ({
  sets: list('sets to compute (default: all of a single token that fit the line)', {
    choices: sets,
  }),
  every: duration(
    'least event time between two lines of a pool with the same set; 0 = every line',
    {
      default: '1s',
    },
  ),
  ...grouped('State and memory', {
    state: file('folder to continue from and to save to', { value: 'DIR' }),
    saveEvery: duration('event time between two saves of --state', { default: '5m', min: '1s' }),
    maxTokens,
  }),
})

/** The command with the families of this program and those of plugins. */
function featuresOver(plugins: readonly Plugin[]): Command {
  const theirs = plugins.flatMap(each => each.families)
  joined('state', keysOf(FAMILIES), keysOf(theirs))
  joined('set', setsOf(FAMILIES), setsOf(theirs))
  const families: readonly FeatureFamily[] = [...FAMILIES, ...theirs]
  const sets = setsOf(families)
  const own = ownFlags(sets.map(({ name }) => name))
  const unasked = sets.filter(({ isDefault }) => isDefault).map(({ name }) => name)
  return step({
    name: 'features',
    summary: 'Add feature sets to lines, streaming and without lookahead',
    details: DETAILS,
    flags: { ...own, ...familyFlags(families, Object.keys(own)) },
    examples: [
      'sluice discover --source replay day.ndjson | sluice features --sets pool,tabular',
      'sluice features --every 0 --state state/features < events.ndjson > features.ndjson',
    ],
    reads: ['token', 'market', 'trade', 'candle', 'opportunity', 'score', 'features'],
    writes: ['features'],
    contract: { args: ['--every', '0'] },
    identity: ({ flags }) => identityOf(plugins, (flags as Own).sets ?? unasked, setNames),
    make: ({ count, time, log: { warn }, ...ctx }) => {
      const flags = ctx.flags as Own & OurFlags
      const { sets = unasked } = flags
      return open({ ...flags, sets, count, time, warn }, families, plugins)
    },
  })
}

type Own = Values<ReturnType<typeof ownFlags>>
type Asked = Own &
  OurFlags &
  Pick<Ctx, 'count' | 'time'> & { sets: readonly string[]; warn: Ctx['log']['warn'] }

async function open(
  flags: Asked,
  families: readonly FeatureFamily[],
  plugins: readonly Plugin[],
): Promise<Step> {
  const { makeFeatures } = await import('../lib/features/features-step.ts')
  const { readWallets } = await import('../lib/features/families/smart-money.ts')
  const { readGarch } = await import('../lib/features/garch-file.ts')
  if (flags.smartWallets !== undefined && flags.smartRanking !== undefined)
    throw new UsageError(
      '--smart-wallets and --smart-ranking are two ways to say the same: choose one',
    )
  const options = {
    ...flags,
    smartWallets: flags.smartWallets === undefined ? undefined : readWallets(flags.smartWallets),
    garch: flags.garch === undefined ? undefined : readGarch(flags.garch),
  }
  const made = makeFeatures(options, families)
  if (flags.state === undefined) return made
  const { makeResumable } = await import('../lib/features/resumable.ts')
  const { lockedStep } = await import('../lib/store/locked-step.ts')
  const { timed } = await import('../lib/stream/timed-step.ts')
  const { configOf, setAsideOlder } = await import('../lib/features/features-checkpoint.ts')
  const used = plugins.filter(isUsed(options.sets))
  const config = [configOf(options, families), ...used.map(plugin => theirConfig(plugin, options))]
  const { time, warn, state, saveEvery } = flags
  return lockedStep(state, 'features', () => {
    setAsideOlder(state, warn)
    return makeResumable(timed(made, time, flags), state, config.join(' '), saveEvery, time)
  })
}

/** What a saved state depends on besides ours: the plugin, and how its flags were set. */
function theirConfig(plugin: Plugin, values: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(familyFlags(plugin.families, []))
  return [stampOf(plugin), ...keys.map(key => `${key}:${values[key]}`)].join(' ')
}

export default plugged(featuresOver, { adds: ({ families }) => families })
