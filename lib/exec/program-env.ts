import { UsageError } from '../base/errors.ts'

/** Names that a program may need to start and to speak: no keys, no settings of ours. */
const PASSED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TERM',
  'PYTHONPATH',
  'PYTHONHOME',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'LD_LIBRARY_PATH',
  'JAVA_HOME',
  'R_HOME',
  'JULIA_DEPOT_PATH',
  'OMP_NUM_THREADS',
  'CUDA_VISIBLE_DEVICES',
])
/** Settings of ours, and what may hold a secret by its name, are never passed on. */
const OURS = /^(SLUICE_|ML_|USE_ML_)/
const SECRET = /KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL|MNEMONIC|SEED/i

/**
 * The environment of a foreign program: what it needs to start, and the names of --pass-env. Throws
 * a UsageError for names of ours or of secrets: those go to a program by a file, if at all.
 */
export function programEnv(
  env: Readonly<Record<string, string | undefined>>,
  passed: readonly string[] = [],
): Record<string, string> {
  for (const name of passed)
    if (OURS.test(name) || SECRET.test(name))
      throw new UsageError(`--pass-env: ${name} is not passed on: a setting of ours or a secret`)
  const all = Object.entries(env).filter(
    ([name]) => PASSED.has(name) || name.startsWith('LC_') || passed.includes(name),
  )
  // Lines are answered one by one: a Python program must not hold its answers back.
  return { ...Object.fromEntries(all.map(([name, value]) => [name, value ?? ''])), ...UNBUFFERED }
}

const UNBUFFERED = { PYTHONUNBUFFERED: '1' }
