import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, sh, sluice } from './kit/proc.ts'

/**
 * What only real processes, pipes and signals show. `chaos` without chances is the plainest step:
 * lines in, lines out.
 */
const record = (i: number): string => `{"v":1,"id":"a:${i}","ts":${i},"kind":"tick","source":"x"}\n`
const MAKE =
  `node -e 'let s="";for(let ` +
  `i=0;i<N;i++){s+=JSON.stringify({v:1,id:"a:"+i,ts:i,kind:"tick",source:"x"})+"\\n";` +
  `if(s.length>65536){require("fs").writeSync(1,s);s=""}}require("fs").writeSync(1,s)'`
const records = (n: number): string => MAKE.replace('N', String(n))

/** Memory of a process as Linux counts it; 0 where there is no /proc. */
async function residentKb(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
}

test('head -1 ends the whole chain with exit 0 and no stack trace', async () => {
  const done = await sh(
    `{ ${records(200_000)} 2>/dev/null || true; } | { sluice chaos --quiet; echo "a $?" >&2; ` +
      '} | { sluice chaos --quiet; echo "b $?" >&2; } | head -1',
  )
  assert.equal(done.stdout, record(0))
  assert.deepEqual(done.stderr.split('\n').sort(), ['', 'a 0', 'b 0'])
})

test('three million short lines pass in flat memory', async () => {
  // What grows with the lines grows each time; a collector that a busy machine holds up does not.
  let peak = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && peak >= 160_000; tries++)
    peak = Math.min(peak, await peakOfLines(3000))
  assert.ok(peak > 0 && peak < 160_000, `resident memory rose to ${peak} kB`)
})

/** Most memory of a step, in kB, while so many thousand lines pass. */
async function peakOfLines(thousands: number): Promise<number> {
  const chunk = Buffer.from(Array.from({ length: 1000 }, (_, i) => record(i)).join(''))
  let [received, peak] = [0, 0]
  const done = await sluice(['chaos'], {
    timeoutMs: 120_000,
    countOnly: bytes => {
      received += bytes
    },
    async drive(child) {
      for (let i = 0; i < thousands; i++) {
        if (!child.stdin?.write(chunk))
          await new Promise(resolve => child.stdin?.once('drain', resolve))
      }
      while (received < thousands * chunk.length)
        await new Promise(resolve => setTimeout(resolve, 20))
      peak = await residentKb(child.pid, 'VmHWM')
      child.stdin?.end()
    },
  })
  assert.equal(done.code, 0)
  assert.match(done.stderr, new RegExp(`in ${thousands}000 · out ${thousands}000`))
  return peak
}

test('memory stays flat while a slow reader holds everything up', async () => {
  let peak = 0
  const done = await sluice(['chaos', '--quiet'], {
    timeoutMs: 30_000,
    async drive(child) {
      child.stdout?.pause()
      const chunk = record(1).repeat(2000)
      let sent = 0
      const writable = (): boolean => sent < 300 && child.stdin?.write(chunk) === true
      for (let i = 0; i < 40; i++) {
        while (writable()) sent++
        await new Promise(resolve => setTimeout(resolve, 20))
        peak = Math.max(peak, await residentKb(child.pid, 'VmRSS'))
      }
      child.stdout?.resume()
      child.stdin?.end()
    },
  })
  assert.equal(done.code, 0)
  assert.ok(peak < 200_000, `resident memory rose to ${peak} kB`)
})

test('kill -9 upstream leaves whole lines or a torn one that is named', async () => {
  const done = await sh(
    `{ ${records(3)}; printf '{"v":1,"id":"a:3","ts'; kill -9 $BASHPID; } | sluice chaos --quiet`,
  )
  assert.equal(done.stdout, record(0) + record(1) + record(2))
  assert.match(done.stderr, /chaos: line 4: input ended inside a record/)
})

test('a closed stderr does not end a run', async () => {
  const done = await sh(`${records(1000)} | sluice chaos 2>&- | wc -l`)
  assert.equal(done.stdout.trim(), '1000')
})

test('a full disk is named and is not success', async () => {
  const done = await sh(`${records(1000)} | sluice chaos --quiet > /dev/full`)
  assert.equal(done.code, 4, done.stderr)
  assert.match(done.stderr, /chaos: stdout: .*no space left/i)
})

test('a second SIGINT quits at once', async () => {
  const done = await sluice(['chaos', '--quiet'], {
    async drive(child) {
      child.stdin?.write(record(1))
      await new Promise(resolve => child.stdout?.once('data', resolve))
      child.kill('SIGINT')
      await new Promise(resolve => setTimeout(resolve, 200))
      child.kill('SIGINT')
    },
  })
  assert.equal(done.signal, 'SIGINT')
  assert.equal(done.stdout, record(1))
})

test('a live line leaves at once', async () => {
  const done = await sluice(['chaos', '--quiet'], {
    async drive(child) {
      for (let i = 0; i < 5; i++) {
        const startedAt = performance.now()
        child.stdin?.write(record(i))
        await new Promise(resolve => child.stdout?.once('data', resolve))
        if (i > 0) assert.ok(performance.now() - startedAt < 1000)
      }
      child.stdin?.end()
    },
  })
  assert.equal(done.stdout.split('\n').length, 6)
})

test('rejects go to their file while good lines pass', async t => {
  const home = makeHome(t)
  const path = join(home, 'bad.ndjson')
  const input = record(0) + 'x\n'.repeat(2) + record(1)
  const done = await sluice(['chaos', '--skip-bad', '--rejects', path, '--quiet'], { input })
  assert.equal(done.code, 0, done.stderr)
  assert.equal(done.stdout, record(0) + record(1))
  assert.ok((await stat(path)).size > 0)
})

test('the name it is called by is the command', async () => {
  const done = await sh(
    'features --help | head -1; sluice features --help | head -1; sluice --version; sluice ' +
      'gaet; true',
  )
  const [own, multi, version] = done.stdout.split('\n')
  assert.equal(own, multi)
  assert.match(version ?? '', /^sluice \d+\.\d+\.\d+.* · record v1$/)
  assert.match(done.stderr, /gaet: no such command; did you mean gate\?/)
})
