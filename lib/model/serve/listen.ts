import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isOwnHost, listenOnLoopback } from '../../alerts/loopback.ts'
import { DataError } from '../../base/errors.ts'
import type { Line } from '../../stream/line.ts'
import { checkParts, parseLine } from '../../stream/parse.ts'
import type { Step } from '../../stream/step.ts'

/** Most bytes of one record, and most requests that wait. */
const MOST_BYTES = 2 ** 20
const MOST_WAITING = 1024
/** Requests that are answered together. */
const BATCH = 64
/** How long the last answers have to leave once it ends; whoever still sends then is cut off. */
const PARTING_MS = 1000

interface ListenOptions {
  /** 0 = any that is free. */
  port: number
  /** Parts that are checked where a record has them. */
  reads: readonly string[]
  /** Fires when the process is asked to end. */
  interrupted: AbortSignal | undefined
  /** Counts requests by how they were answered. */
  count(what: string): void
  /** Told where it listens. */
  tell(text: string): void
}

/**
 * The step, which also answers one record per POST on 127.0.0.1 with that record as the step passes
 * it on, until the process is asked to end. What is read from stdin goes to stdout as ever; answers
 * do not. Bad records are refused with 400 and one line; a browser is, and whoever asks by another
 * name than this machine's (403). Throws UsageError when the port cannot be used.
 */
export async function listening(step: Step, options: ListenOptions): Promise<Step> {
  const requests = makeRequests(options)
  const server = createServer(requests.take)
  // A caller that stops halfway through its record holds nothing for long.
  server.requestTimeout = 10_000
  const port = await listenOnLoopback(server, options.port, '--listen')
  options.tell(`listens on http://127.0.0.1:${port}/`)
  return {
    ...step,
    feed: input => merged(input, requests, options.interrupted),
    async batch(lines, emit) {
      await step.batch?.(lines, line => requests.answer(line) || emit(line))
    },
    async close() {
      requests.end()
      server.close()
      server.closeIdleConnections()
      // A closed server times nobody out: a record that never comes whole would hold the process.
      setTimeout(() => server.closeAllConnections(), PARTING_MS).unref()
      await step.close?.()
    },
  }
}

/** Requests that wait for their answer, in the order in which they came. */
interface Requests {
  take(request: IncomingMessage, response: ServerResponse): void
  /** Lines to answer, at most BATCH of them; none when nobody waits. */
  next(): Line[]
  /** Sets who is told that somebody waits. */
  onNews(tell: () => void): void
  /** Answers the request that a line came with; false for a line of another origin. */
  answer(line: Line): boolean
  /** Tells whoever still waits that there is no answer. */
  end(): void
}

function makeRequests({ reads, count }: Pick<ListenOptions, 'reads' | 'count'>): Requests {
  const waiting = new Map<Line, ServerResponse>()
  let queue: Line[] = []
  let wake: (() => void) | undefined
  const say = (response: ServerResponse, code: number, text: string): void => {
    count(code === 200 ? 'answered' : `answered ${code}`)
    const type = code === 200 ? 'application/x-ndjson' : 'text/plain'
    response.writeHead(code, { 'content-type': `${type}; charset=utf-8` }).end(`${text}\n`)
  }
  const put = (text: string, response: ServerResponse): void => {
    const line = parseLine(text, 1)
    checkParts(line, reads)
    waiting.set(line, response)
    queue.push(line)
    wake?.()
  }
  return {
    async take(request, response) {
      // Whoever goes away waits for nothing; his record is scored and dropped.
      response.on('error', () => undefined)
      const refusal = refusalOf(request, waiting.size)
      if (refusal !== undefined) return say(response, ...refusal)
      const text = await bodyOf(request)
      if (text === undefined) return say(response, 413, `more than ${MOST_BYTES} bytes`)
      try {
        put(text, response)
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        error.line ??= 1
        say(response, 400, error.toString())
      }
    },
    next() {
      const taken = queue.slice(0, BATCH)
      queue = queue.slice(BATCH)
      return taken
    },
    onNews(tell) {
      wake = tell
    },
    answer(line) {
      const response = waiting.get(line)
      if (response === undefined) return false
      waiting.delete(line)
      say(response, 200, line.raw)
      return true
    },
    end() {
      for (const response of waiting.values()) say(response, 503, 'ending')
      waiting.clear()
    },
  }
}

function refusalOf(request: IncomingMessage, waiting: number): [number, string] | undefined {
  if (!isOwnHost(request.headers.host)) return [403, 'not this host']
  if (request.headers.origin !== undefined) return [403, 'not for pages in a browser']
  if (request.method !== 'POST') return [405, 'POST one record']
  return waiting >= MOST_WAITING ? [503, `${MOST_WAITING} requests wait already`] : undefined
}

/** The record in a body, without the end of its line; undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length
      // The rest is read and dropped: an answer before the end of a body is lost on most clients.
      if (bytes <= MOST_BYTES) pieces.push(piece)
    }
  } catch {
    return '' // The caller has gone: nobody reads that this is no record.
  }
  return bytes > MOST_BYTES ? undefined : Buffer.concat(pieces).toString('utf8').trimEnd()
}

/**
 * Lines of the input and of requests as they come. Ends when the process is asked to: at once where
 * nothing comes from the input, else with the input, whose last lines are on their way.
 */
async function* merged(
  input: AsyncIterable<Line[]>,
  requests: Requests,
  interrupted: AbortSignal | undefined,
): AsyncIterable<Line[]> {
  const news = makeBell()
  requests.onNews(news.ring)
  interrupted?.addEventListener('abort', news.ring, { once: true })
  const lines = makeInput(input, news.ring)
  for (;;) {
    for (let batch = requests.next(); batch.length > 0; batch = requests.next()) yield batch
    const batch = lines.next()
    if (batch !== undefined) yield batch
    else if (interrupted?.aborted && (lines.isOver() || !lines.hasGiven())) return
    else await news.rung()
  }
}

/** Wakes the one who waits; a ring that nobody waited for is not lost. */
function makeBell(): { ring(): void; rung(): Promise<void> } {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    async rung() {
      if (!hasRung) await new Promise<void>(resolve => (wake = resolve))
      hasRung = false
    },
  }
}

/** Reads one batch ahead of whoever takes them. `next` throws what reading threw. */
function makeInput(input: AsyncIterable<Line[]>, ring: () => void) {
  const lines = input[Symbol.asyncIterator]()
  let here: { batch?: Line[]; error?: unknown } | undefined
  let [isOver, hasGiven] = [false, false]
  const read = (): void =>
    void lines.next().then(
      ({ done, value }) => {
        if (done) isOver = true
        else here = { batch: value }
        ring()
      },
      error => {
        here = { error }
        ring()
      },
    )
  read()
  return {
    isOver: () => isOver,
    hasGiven: () => hasGiven,
    next(): Line[] | undefined {
      if (here === undefined) return undefined
      const { batch, error } = here
      if (batch === undefined) throw error
      here = undefined
      hasGiven = true
      read()
      return batch
    },
  }
}
