import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { registry } from '../../../cmd/registry.ts'
import { allFlags } from '../../../lib/cli/common-flags.ts'
import { FLAG_NAMES, OTHER_NAMES, withOtherNames } from '../../../lib/cli/env-names.ts'
import { makeHome, sluice } from '../../kit/proc.ts'

const ALL = [...FLAG_NAMES, ...Object.keys(OTHER_NAMES)]

test('the list of names is what flags declare', async () => {
  const declared = new Set<string>()
  for (const load of Object.values(registry)) {
    const { default: command } = await load()
    for (const { env } of Object.values(allFlags(command.kind, command.flags)))
      if (env !== undefined && /^(USE_)?ML_/.test(env)) declared.add(env)
  }
  assert.deepEqual([...declared].sort(), [...FLAG_NAMES].sort())
})

test('every name with one letter off is refused, with the one that was meant', () => {
  const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ_')
  fc.assert(
    fc.property(
      fc.constantFrom(...ALL),
      fc.nat(),
      letter,
      fc.constantFrom('other', 'gone', 'twice', 'swapped'),
      (name, n, c, how) => {
        const at = n % name.length
        const [before, here, after] = [name.slice(0, at), name[at]!, name.slice(at + 1)]
        const mistyped = {
          other: before + c + after,
          gone: before + after,
          twice: before + here + here + after,
          swapped: before + after.slice(0, 1) + here + after.slice(1),
        }[how]
        if (ALL.includes(mistyped)) return
        assert.throws(() => withOtherNames({ [mistyped]: '0.9' }), {
          message: new RegExp(`^unknown environment variable ${mistyped}; did you mean `),
        })
      },
    ),
    { numRuns: 2000 },
  )
})

test('a name in small letters is none, and refused with the one that was meant', () => {
  for (const name of ALL)
    for (const small of [name.toLowerCase(), name.toLowerCase().replace('_', '')])
      assert.throws(() => withOtherNames({ [small]: '1' }), {
        message: `unknown environment variable ${small}; did you mean ${name}?`,
      })
  assert.deepEqual(withOtherNames({ ml_dir: 'x', html: 'y' }), { ml_dir: 'x', html: 'y' })
})

test('names of the shell and of other programs are left alone', () => {
  const env = { HOME: '/x', PATH: '/bin', XML_CATALOG: 'x', HTML_WEIGHT_X: '1', MLFLOW_URI: 'x' }
  assert.deepEqual(withOtherNames({ ...env, REDIS_URL: 'x', TIMESERIES_DB: 'y' }), {
    ...env,
    REDIS_URL: 'x',
    TIMESERIES_DB: 'y',
  })
})

test('names of other bots are settings here, or refused with what to use', () => {
  const means = (env: Record<string, string>) => {
    const all = withOtherNames(env)
    return Object.fromEntries(Object.entries(all).filter(([name]) => !(name in env)))
  }
  assert.deepEqual(means({ ML_CONFIDENCE_THRESHOLD: '0.8' }), { ML_MIN_CONFIDENCE: '0.8' })
  assert.deepEqual(means({ ML_CONFIDENCE_THRESHOLD: '0.8', ML_MIN_CONFIDENCE: '0.8' }), {})
  assert.deepEqual(means({ ML_LSTM_ENABLED: 'false', ML_VOLATILITY_ENABLED: '0' }), {
    SLUICE_PREDICT_WITHOUT_KINDS: 'sequence,volatility',
  })
  assert.deepEqual(
    means({ ML_LSTM_ENABLED: 'true', ML_USE_GPU: 'false', ML_SCORER_ENABLED: '' }),
    {},
  )
  for (const [env, message] of [
    [{ ML_CONFIDENCE_THRESHOLD: '0.8', ML_MIN_CONFIDENCE: '0.7' }, /contradict each other/],
    [{ ML_USE_GPU: 'true' }, /^ML_USE_GPU: models run on the CPU only/],
    [{ ML_LSTM_ENABLED: 'yes' }, /^ML_LSTM_ENABLED: expected true or false/],
    [{ ML_DATA_COLLECTION_ENABLED: 'true' }, /make collect/],
    [{ ML_DATA_INTERVAL: '60000' }, /features --every/],
    [{ USE_ML: 'true' }, /^unknown environment variable USE_ML; known are USE_ML_PREDICTIONS/],
    [{ ML_SOMETHING_ELSE: '1' }, /^unknown environment variable ML_SOMETHING_ELSE; known are /],
  ] as const)
    assert.throws(() => withOtherNames(env), { message })
})

test('a mistyped limit ends every command; doctor and config tell', async t => {
  const home = makeHome(t)
  const env = { ML_MIN_CONFIDNCE: '0.9' }
  for (const command of ['gate', 'discover', 'config']) {
    const done = await sluice([command], { home, env, input: '' })
    assert.equal(done.code, 2, command)
    assert.match(done.stderr, /ML_MIN_CONFIDNCE; did you mean ML_MIN_CONFIDENCE\? /)
  }
  const doctor = await sluice(['doctor', '--check', '--offline'], { home, env })
  assert.equal(doctor.code, 1)
  assert.match(doctor.stdout, /"check":"environment","ok":false,.*did you mean ML_MIN_CONFIDENCE/)
  const others = { REDIS_URL: 'redis://u:secret@h' }
  const told = await sluice(['doctor', '--offline'], { home, env: others })
  assert.match(told.stdout, /"check":"environment","ok":true,.*REDIS_URL/)
  const config = await sluice(['config', 'gate'], {
    home,
    env: { ...others, ML_CONFIDENCE_THRESHOLD: '0.8' },
  })
  assert.match(config.stderr, /not read: REDIS_URL/)
  assert.match(config.stdout, /"setting":"minConfidence","value":0.8,"from":"environment"/)
  assert.ok(!`${config.stderr}${config.stdout}${told.stdout}`.includes('secret'))
})

test('a section of another bot’s configuration says where its settings are', async t => {
  const home = makeHome(t)
  for (const [section, ours] of Object.entries({
    dataCollection: 'features, sampler, sync',
    inference: 'predict, gate',
    training: 'train-export, retrain',
  })) {
    writeFileSync(join(home, 'config.json'), JSON.stringify({ [section]: { enabled: true } }))
    const done = await sluice(['gate'], { home, input: '' })
    assert.equal(done.code, 2)
    assert.match(done.stderr, new RegExp(`unknown key "${section}"; use settings of ${ours} \\(`))
  }
})
