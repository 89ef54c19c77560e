import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../base/errors.ts'
import { expandLine } from './case-line.ts'

/**
 * A case: one readable page that says what a command does with some input.
 *
 *     # title
 *     env NAME=value          (optional, several)
 *     $ gate --max-age 2s
 *     << a line of input      (`<<-` = without a newline at its end), also in the short form of
 *                              case-line.ts
 *     >> a line of output     (`>> =2` = the second line of input as it came,
 *                              `>> =2 + "score":{…}` = the same with this at its end)
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
    try {
      read(line, found)
    } catch (error) {
      throw new Error(`line ${i + 1}: ${messageOf(error)}`)
    }
  }
  return found
}

function read(line: string, found: Case): void {
  if (line.startsWith('# ')) found.title ||= line.slice(2)
  else if (line.startsWith('env ')) {
    const [, name = '', value = ''] = /^env ([A-Z_]+)=(.*)$/.exec(line) ?? []
    found.env[name] = value
  } else if (line.startsWith('$ ')) found.command = line.slice(2)
  else if (line.startsWith('<<- ')) found.input += expandLine(line.slice(4))
  else if (line.startsWith('<< ') || line === '<<') found.input += `${expandLine(line.slice(3))}\n`
  else if (line.startsWith('>> ')) found.stdout += `${longOutput(line.slice(3), found.input)}\n`
  else if (line.startsWith('!! ')) found.stderr.push(line.slice(3))
  else if (line.startsWith('exit ')) found.exit = Number(line.slice(5))
  else if (line !== '') throw new Error(`not a word of a case file: ${line}`)
}

/** A line of output that is told by a line of input, written out. */
function longOutput(line: string, input: string): string {
  const [isShort, no = '', more] = /^=(\d+)(?: \+ (.*))?$/.exec(line) ?? []
  if (isShort === undefined) return line
  const whole = input.split('\n')[Number(no) - 1]
  if (whole === undefined || whole === '') throw new Error(`there is no line ${no} of input`)
  return more === undefined ? whole : `${whole.slice(0, -1)},${more}}`
}

/** Below this a line of output is easier to read than to look up. */
const LONG = 80

/** A line of output as a case tells it: by the line of input that it repeats, when that is long. */
export function shortOutput(line: string, input: string): string {
  const lines = input.split('\n').filter(known => known.length > LONG && known.endsWith('}'))
  const whole = lines.find(known => known === line)
  if (whole !== undefined) return `=${input.split('\n').indexOf(whole) + 1}`
  const start = lines.find(known => line.startsWith(`${known.slice(0, -1)},"`))
  if (start === undefined || !line.endsWith('}')) return line
  return `=${input.split('\n').indexOf(start) + 1} + ${line.slice(start.length, -1)}`
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

/** The case in a file; throws where a line of it is none. */
export const readCase = (path: string): Case => parseCase(readFileSync(path, 'utf8'))
