import assert from 'node:assert/strict'
import type { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Done, sluice } from '../kit/proc.ts'
import { makeModel, poolLine, use } from '../lib/model/fixture.ts'

/** predict that is asked over HTTP, as it is built and run. */
type Child = ReturnType<typeof spawn>

const root = mkdtempSync(join(tmpdir(), 'sluice-listen-'))
const LINES = Array.from(
  { length: 60 },
  (_, n) =>
    poolLine(n, { priceChange1: n / 10, priceChange3: 0, consecutiveGains: 2, volumeSpike: 0 }).raw,
)

before(async () => {
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
})
after(() => rmSync(root, { recursive: true, force: true }))

interface Answer {
  code: number
  text: string
}

const unlines = (all: readonly string[]): string => all.map(line => `${line}\n`).join('')
const pipe = async (lines: readonly string[]): Promise<string> =>
  (await sluice(['predict', '--models', root], { input: unlines(lines) })).stdout

function ask(
  port: number,
  body: string,
  { method = 'POST', ...headers }: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, headers }, response => {
      let text = ''
      response.on('data', piece => (text += piece))
      response.on('end', () => resolve({ code: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Runs predict --listen on a free port, lets `act` ask, and asks it to end. */
async function listening(
  act: (port: number, child: Child) => Promise<void>,
  more: readonly string[] = [],
): Promise<Done> {
  let failed: unknown
  const done = await sluice(['predict', '--models', root, '--listen', '0', ...more], {
    drive: async child => {
      try {
        let said = ''
        const port = await new Promise<number>(resolve =>
          child.stderr?.on('data', piece => {
            said += piece
            const found = /listens on http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1]
            if (found !== undefined) resolve(Number(found))
          }),
        )
        await act(port, child)
      } catch (error) {
        failed = error
      }
      child.kill('SIGTERM')
    },
  })
  if (failed !== undefined) throw failed
  return done
}

test('a record that is POSTed is answered with the bytes that a pipe gives', async () => {
  const expected = await pipe(LINES)
  const done = await listening(async (port, child) => {
    child.stdin?.end()
    const answers = await Promise.all(LINES.map(line => ask(port, line)))
    assert.deepEqual(new Set(answers.map(({ code }) => code)), new Set([200]))
    assert.equal(answers.map(({ text }) => text).join(''), expected)
  })
  assert.equal(done.code, 143, done.stderr)
  assert.equal(done.stdout, '')
  assert.match(done.stderr, /answered 60/)
})

test('what comes on stdin goes to stdout beside it, whole at the end', async () => {
  const done = await listening(async (port, child) => {
    child.stdin?.write(unlines(LINES.slice(0, 5)))
    await new Promise(resolve => child.stdout?.once('data', resolve))
    const { text } = await ask(port, LINES[7]!)
    assert.equal(text, await pipe([LINES[7]!]))
    child.kill('SIGTERM')
    child.stdin?.end(unlines(LINES.slice(5, 7)))
    await new Promise(resolve => child.once('exit', resolve))
  })
  assert.equal(done.stdout, await pipe(LINES.slice(0, 7)))
})

test('what is no record is refused by name, and no page is answered', async () => {
  await listening(async port => {
    const [good = ''] = LINES
    const wrong = { ...JSON.parse(good), features: { pool: { ready: 'x' } } }
    for (const [body, headers, code, text] of [
      ['{', {}, 400, /^line 1: not JSON/],
      [`${good}\n${good}`, {}, 400, /^line 1: not JSON/],
      ['', {}, 400, /^line 1: not JSON/],
      [JSON.stringify(wrong), {}, 400, /^line 1: features\.pool/],
      ['x'.repeat(2 ** 20 + 1), {}, 413, /more than 1048576 bytes/],
      [good, { host: 'evil.example' }, 403, /not this host/],
      [good, { origin: 'https://evil.example' }, 403, /not for pages/],
      ['', { method: 'GET' }, 405, /POST one record/],
      [good, {}, 200, /"prediction":\{"moon"/],
    ] as const) {
      const answer = await ask(port, body, headers)
      assert.equal(answer.code, code, answer.text)
      assert.match(answer.text, text)
      assert.equal(answer.text.trimEnd().split('\n').length, 1)
    }
  })
})

test('whoever stops halfway through a record does not keep it from ending', async () => {
  let half: Socket | undefined
  const done = await listening(async port => {
    half = connect(port, '127.0.0.1').on('error', () => undefined)
    half.write(`POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 500\r\n\r\n{`)
    assert.equal((await ask(port, LINES[0]!)).code, 200)
  })
  half?.destroy()
  assert.equal(done.code, 143, done.stderr)
})

test('inside a fused run nobody could end it, so it is refused', async () => {
  const done = await sluice(['run', `predict --models ${root} --listen 0`], { input: '' })
  assert.equal(done.code, 2)
  assert.match(done.stderr, /--listen and --table: only as a process of its own/)
})

test('a port that is taken ends it with exit 2', async () => {
  await listening(async port => {
    const done = await sluice(['predict', '--models', root, '--listen', String(port)], {
      input: '',
    })
    assert.equal(done.code, 2)
    assert.match(done.stderr, /^predict: --listen \d+: .*EADDRINUSE/m)
  })
})
