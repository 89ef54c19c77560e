import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { registry } from '../../cmd/registry.ts'
import { main } from '../../lib/cli/door/cli.ts'
import { type Done, type RunOptions, testEnv } from './proc.ts'

type HereOptions = Pick<RunOptions, 'input' | 'env' | 'home'>

/** What a pipe hands over at once. */
const CHUNK = 65_536

/** One after the other: a process has one stdin, one stdout and one environment. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a command line in this process, from argv to exit code, by the same `main` that a process of
 * its own runs: for laws that compare bytes, where starting a process is most of the time. What
 * hangs on a process (signals, pipes, its start) needs `sluice` of proc.ts. Without a home each run
 * gets a fresh one.
 */
export function sluiceHere(argv: readonly string[], options: HereOptions = {}): Promise<Done> {
  const mine = last.then(() => run(argv, options))
  last = mine.catch(() => undefined)
  return mine
}

async function run(
  [name = '', ...argv]: readonly string[],
  { input = '', env, ...given }: HereOptions,
): Promise<Done> {
  const home = given.home ?? mkdtempSync(join(tmpdir(), 'sluice-home-'))
  const [out, err] = [collector(), collector()]
  const restore = replaced({
    stdin: Readable.from(piecesOf(Buffer.from(input))),
    stdout: out.stream,
    stderr: err.stream,
    env: testEnv(home, env),
  })
  const codeBefore = process.exitCode
  process.exitCode = undefined
  try {
    await main(name, argv, registry)
    const code = Number(process.exitCode ?? 0)
    return { stdout: out.text(), stderr: err.text(), code, signal: null }
  } finally {
    process.exitCode = codeBefore
    restore()
    if (given.home === undefined) rmSync(home, { recursive: true, force: true })
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += CHUNK) yield bytes.subarray(from, from + CHUNK)
}

/** A stream that keeps what is written to it. */
function collector(): { stream: Writable; text(): string } {
  const pieces: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      pieces.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(pieces).toString() }
}

/** Puts other things in the place of parts of `process`; returns what puts them back. */
function replaced(parts: Record<string, unknown>): () => void {
  const before = Object.keys(parts).map(
    key => [key, Object.getOwnPropertyDescriptor(process, key)!] as const,
  )
  for (const [key, value] of Object.entries(parts))
    Object.defineProperty(process, key, { value, configurable: true, writable: true })
  return () => {
    for (const [key, descriptor] of before) Object.defineProperty(process, key, descriptor)
  }
}
