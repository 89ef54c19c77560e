import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A case: one readable page that says what a command does with some input.
 *
 *     # title
 *     env NAME=value          (optional, several)
 *     $ gate --max-age 2s
 *     << a line of input      (`<<-` = without a newline at its end)
 *     >> a line of output
 *     !! text that stderr contains
 *     exit 0
 */
export interface Case {
  title: string
  env: Record<string, string>
  command: string
  input: string
  stdout: string
  stderr: string[]
  exit: number
}

/** What a command did. */
export interface Outcome {
  stdout: string
  stderr: string
  exit: number | null
}

/** Parses a case file. Throws an Error naming the line that is not one of its words. */
export function parseCase(text: string): Case {
  const found: Case = {
    title: '',
    env: {},
    command: '',
    input: '',
    stdout: '',
    stderr: [],
    exit: 0,
  }
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('# ')) found.title ||= line.slice(2)
    else if (line.startsWith('env ')) {
      const [, name = '', value = ''] = /^env ([A-Z_]+)=(.*)$/.exec(line) ?? []
      found.env[name] = value
    } else if (line.startsWith('$ ')) found.command = line.slice(2)
    else if (line.startsWith('<<- ')) found.input += line.slice(4)
    else if (line.startsWith('<< ') || line === '<<') found.input += `${line.slice(3)}\n`
    else if (line.startsWith('>> ')) found.stdout += `${line.slice(3)}\n`
    else if (line.startsWith('!! ')) found.stderr.push(line.slice(3))
    else if (line.startsWith('exit ')) found.exit = Number(line.slice(5))
    else if (line !== '') throw new Error(`line ${i + 1}: not a word of a case file: ${line}`)
  }
  return found
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs the command line of a case in a shell, with dist/bin on PATH and a home of its own, which is
 * shown as HOME.
 */
export function runCase(it: Case, home: string): Outcome {
  const env = {
    PATH: `${ROOT}dist/bin:${process.env.PATH}`,
    HOME: home,
    SLUICE_HOME: home,
    ROOT,
    ...it.env,
  }
  const done = spawnSync('bash', ['-c', it.command], {
    input: it.input,
    env,
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  })
  const plain = (text: string): string => text.replaceAll(home, 'HOME')
  return { stdout: plain(done.stdout), stderr: plain(done.stderr), exit: done.status }
}

export const readCase = (path: string): Case => parseCase(readFileSync(path, 'utf8'))
