import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A folder far from the clone, with a home and a cache of npm of its own. */
export const FAR = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-install-')))
process.once('exit', () => rmSync(FAR, { recursive: true, force: true }))
export const far = (...names: string[]): string => join(FAR, ...names)
mkdirSync(far('home'))

const npmConfig = (key: string): string =>
  execFileSync('npm', ['config', 'get', key], { encoding: 'utf8', cwd: ROOT }).trim()

/** What a fresh account has: nothing of ours, of npm’s or of make’s but the way to the registry. */
const WAY = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']
const account: Record<string, string> = {
  HOME: far('home'),
  LANG: 'C.UTF-8',
  npm_config_cache: far('cache'),
  npm_config_registry: npmConfig('registry'),
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'error',
}
for (const name of [...WAY, ...WAY.map(each => each.toLowerCase())])
  if (process.env[name] !== undefined) account[name] = process.env[name]

/** Folders with the node to use, npm, and the tools of the system; none of the clone. */
const SYSTEM = [dirname(execFileSync('which', ['npm'], { encoding: 'utf8' })), '/usr/bin', '/bin']

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

export interface Where {
  /** Folders of PATH before those of the system. */
  path: readonly string[]
  cwd?: string
  env?: Record<string, string>
  /** Seconds until it is ended. */
  seconds?: number
}

/** Runs a shell line as a new user would, far from the clone. */
export function sh(line: string, { path, cwd = FAR, env = {}, seconds = 600 }: Where): Ran {
  const { status, stdout, stderr, error } = spawnSync(
    'bash',
    ['-c', `set -euo pipefail; ${line}`],
    {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      env: { ...account, PATH: [...path, ...SYSTEM].join(delimiter), ...env },
    },
  )
  return { code: status, stdout, stderr: stderr + (error === undefined ? '' : `\n${error}`) }
}

/** The same, where anything but exit 0 is an error that shows what was said. */
export function must(line: string, where: Where): string {
  const { code, stdout, stderr } = sh(line, where)
  if (code !== 0) throw new Error(`${line}\nexit ${code}\n${stdout.slice(-2000)}${stderr}`)
  return stdout
}

/** Why nothing can be installed here, or undefined. */
export function noRegistry(): string | undefined {
  const { code, stderr } = sh('npm view ws@8.23.0 version --fetch-retries=0', {
    path: [],
    seconds: 60,
  })
  return code === 0 ? undefined : `no registry: ${stderr.trim().split('\n')[0] || 'no answer'}`
}

export interface NodeToUse {
  name: string
  /** Folder that holds `node`. */
  bin: string
}

/**
 * The nodes that NODE names: none is the one that runs this; `all` is 20, 22 and 24; a number comes
 * as a package from the registry. Throws where there is no such package for this machine.
 */
export function nodesToUse(named = process.env.NODE ?? ''): NodeToUse[] {
  if (named === '') return [{ name: process.version, bin: dirname(process.execPath) }]
  return (named === 'all' ? '20,22,24' : named).split(',').map(major => {
    const bin = far(`node-${major}`, 'node_modules', PACKAGE, 'bin')
    mkdirSync(far(`node-${major}`))
    must(`npm i --no-save --ignore-scripts --prefix . ${PACKAGE}@${major}`, {
      path: [],
      cwd: far(`node-${major}`),
    })
    return { name: must('node --version', { path: [bin] }).trim(), bin }
  })
}
const PACKAGE = `node-${process.platform}-${process.arch}`

/** A fresh clone with what is changed here, so that a test before a commit tests the change. */
export function freshClone(): string {
  const clone = far('clone')
  execFileSync('git', ['-c', 'safe.directory=*', 'clone', '-q', ROOT, clone])
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const name of git('diff', '--name-only', '-z', '--diff-filter=d', 'HEAD'))
    cpSync(join(ROOT, name), join(clone, name))
  for (const name of git('diff', '--name-only', '-z', '--diff-filter=D', 'HEAD'))
    rmSync(join(clone, name))
  for (const name of git('ls-files', '--others', '--exclude-standard', '-z'))
    cpSync(join(ROOT, name), join(clone, name))
  return clone
}
