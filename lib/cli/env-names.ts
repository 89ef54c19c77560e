import { UsageError } from '../base/errors.ts'
import { didYouMean, editDistance } from '../base/suggest.ts'
import type { Environment } from './config.ts'

/**
 * Names of the environment that flags declare as theirs, beside `SLUICE_<COMMAND>_<FLAG>`. Listed
 * here, so that a mistyped one is found without loading every command; a test holds the list to the
 * declarations.
 */
export const FLAG_NAMES = [
  'USE_ML_PREDICTIONS',
  'ML_REQUIRED',
  'ML_MIN_CONFIDENCE',
  'ML_MIN_COMBINED_CONFIDENCE',
  'ML_MAX_RUG_RISK',
  'ML_WEIGHT',
  'ML_INFERENCE_TIMEOUT_MS',
  'ML_MODELS_PATH',
] as const

/** What a name that other bots use comes to here. */
interface OtherName {
  /** For handbook and messages. */
  says: string
  /** Settings in its place. Throws an Error that says what to use where there is none. */
  read(value: string): Record<string, string>
}

const refused = (says: string): OtherName => ({
  says,
  read() {
    throw new Error(says)
  },
})

/** Models of one kind, switched on (they run once promoted) or off. */
const switchOf = (kind: string): OtherName => ({
  says: `false is predict --without-kinds ${kind}; true changes nothing`,
  read: value => (isTrue(value) ? {} : { SLUICE_PREDICT_WITHOUT_KINDS: kind }),
})

/** Names that users of such bots have, each an alias or refused with what to use instead. */
export const OTHER_NAMES: Readonly<Record<string, OtherName>> = {
  ML_CONFIDENCE_THRESHOLD: {
    says: 'the same as ML_MIN_CONFIDENCE, gate --min-confidence',
    read: value => ({ ML_MIN_CONFIDENCE: value }),
  },
  ML_LSTM_ENABLED: switchOf('sequence'),
  ML_SCORER_ENABLED: switchOf('opportunity'),
  ML_VOLATILITY_ENABLED: switchOf('volatility'),
  ML_USE_GPU: {
    says: 'models run on the CPU only: false changes nothing, true is refused',
    read(value) {
      if (isTrue(value)) throw new Error('models run on the CPU only; take it out or say false')
      return {}
    },
  },
  ML_DATA_COLLECTION_ENABLED: refused(
    'collecting is no switch: start it with make collect, by hand or from cron; take it out',
  ),
  ML_DATA_INTERVAL: refused(
    'use features --every, sampler for how often a token is looked at, and cron for collecting; ' +
      'take it out',
  ),
}

function isTrue(value: string): boolean {
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new Error('expected true or false')
}

const ALL_NAMES: readonly string[] = [...FLAG_NAMES, ...Object.keys(OTHER_NAMES)]

/** Settings of what other bots keep their data in: of no use here, and no fault. */
const OF_OTHERS = /^(REDIS|TIMESERIES|TIMESCALE)(_|$)/

/** Names that are set for other programs, in the order of the environment. */
export const namesOfOthers = (env: Environment): string[] =>
  Object.keys(env).filter(name => OF_OTHERS.test(name))

/**
 * The first name that looks like a setting of models and is none, as an error; undefined without
 * one. Also one whose beginning is mistyped (MK_WEIGHT): a limit that is not in force is money.
 */
export function strayName(env: Environment): string | undefined {
  const stray = Object.keys(env).find(name => !ALL_NAMES.includes(name) && isNear(name))
  if (stray === undefined) return undefined
  const meant = didYouMean(stray.toUpperCase(), ALL_NAMES)
  return `unknown environment variable ${stray}${meant || `; known are ${ALL_NAMES.join(', ')}`}`
}

const isNear = (name: string): boolean =>
  /^(USE_ML$|(USE_)?ML_)/.test(name) ||
  ALL_NAMES.some(known => Math.abs(known.length - name.length) <= 1 && isOneOff(name, known))

/** Also in small letters, which a shell takes for another name. */
const isOneOff = (name: string, known: string): boolean =>
  editDistance(name.toUpperCase(), known) <= 1

/**
 * The environment with names of other bots turned into ours. Throws UsageError for a name that has
 * no place here, one that is mistyped, and two that contradict each other.
 */
export function withOtherNames(env: Environment): Environment {
  const stray = strayName(env)
  if (stray !== undefined) throw new UsageError(stray)
  const added: Record<string, string> = {}
  for (const [name, { read }] of Object.entries(OTHER_NAMES)) {
    const value = env[name]
    if (value === undefined || value === '') continue
    for (const [ours, text] of Object.entries(meaning(name, value, read))) {
      const before = added[ours] ?? env[ours]
      const isList = ours === 'SLUICE_PREDICT_WITHOUT_KINDS'
      if (!isList && before !== undefined && before !== '' && before !== text)
        throw new UsageError(`${name} and ${ours} contradict each other: set one of them`)
      added[ours] = isList && before ? `${before},${text}` : text
    }
  }
  return Object.keys(added).length === 0 ? env : { ...env, ...added }
}

function meaning(name: string, value: string, read: OtherName['read']): Record<string, string> {
  try {
    return read(value)
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`)
  }
}
