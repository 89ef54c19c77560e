import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine, showFigures } from './kit/figures.ts'
import { marketFile } from './kit/input.ts'
import { benchLines, benchModels, promote } from './serve/serve-models.ts'
import { openPipe, timesOf, timesText } from './serve/serve-pipe.ts'
import { rowsTable } from './serve/serve-rows.ts'

/**
 * What serving costs: rows per second by model and batch size; from event to decision through real
 * pipes at 10,000 lines a minute; what a swap and a killed worker do to the stream.
 *
 *   node --import tsx bench/serve.ts [rows] [latency] [closes] [swaps] [crash] [--long] [--write]
 *
 * --long measures latency for 5 minutes instead of one, and swaps 1,000 times instead of 50.
 * --write puts the figures into bench/README.md.
 */
const wanted = process.argv.slice(2).filter(word => !word.startsWith('-'))
const isLong = process.argv.includes('--long')
const folder = mkdtempSync(join(tmpdir(), 'sluice-serve-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const root = join(folder, 'models')
await benchModels(root)

const said: string[] = []
const say = (text: string): void => {
  said.push(text)
  process.stderr.write(`${text}\n`)
}
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name)
/** 10,000 lines a minute. */
const RATE = 10_000 / 60

/** The given lines over and over. */
const cycle = (all: readonly string[]): (() => string) => {
  let n = 0
  return () => `${all[n++ % all.length]}\n`
}

async function latency(): Promise<void> {
  const input = readFileSync(marketFile(folder, 60_000, 100), 'utf8')
    .trimEnd()
    .split('\n')
  const line =
    `features --sets pool --every 0 --quiet | predict --model gbdt --models ${root} --quiet | ` +
    'gate --quiet'
  const measured = openPipe(line, folder)
  const lines = cycle(input)
  await measured.drive(lines, RATE, 5) // Start-up and the first compilations.
  const before = measured.waits.length
  await measured.drive(lines, RATE, isLong ? 300 : 60)
  say(
    '- event to decision through features, predict and gate, 100 × 31 trees, 10,000 lines a ' +
      `minute for ${isLong ? 5 : 1} min: ${timesText(timesOf(measured.waits.slice(before)))}`,
  )
  await measured.end()
}

/**
 * 300 lines of the sequence network at once, as when the candles of 300 tokens close, and lone
 * ones.
 */
async function closes(): Promise<void> {
  const lines = benchLines('net', 300).map(({ raw }) => `${raw}\n`)
  const pipe = openPipe(
    `predict --model net --models ${root} --cache 0 --workers 2 --quiet`,
    folder,
  )
  const together: number[] = []
  for (let round = 0; round < 12; round++) {
    let n = 0
    const all = lines.join('')
    const before = pipe.waits.length
    await pipe.drive(() => (n++ === 0 ? all : ''), 1e9, 300 / 1e9)
    together.push(Math.max(...pipe.waits.slice(before)))
  }
  const before = pipe.waits.length
  await pipe.drive(cycle(lines.map(line => line.trimEnd())), 5, isLong ? 60 : 20)
  say(
    '- 300 candles that close together, sequence network, 2 workers, until the last is ' +
      `scored: ${timesText(timesOf(together.slice(2)), 'times')}`,
  )
  say(`- a lone line of the sequence network: ${timesText(timesOf(pipe.waits.slice(before)))}`)
  await pipe.end()
}

const residentMb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

async function swaps(): Promise<void> {
  const goal = isLong ? 1000 : 50
  let [asked, seen, last] = [0, 0, '1']
  const memory: number[] = []
  const line = `exec predict --model gbdt --models ${root} --cache 0 --quiet`
  const pipe = openPipe(line, folder, text => {
    const version = /"gbdt":\{"version":"(\d)"/.exec(text)?.[1]
    if (version === undefined) throw new Error(`a line without a prediction: ${text}`)
    if (version === last) return
    last = version
    seen++
  })
  const lines = cycle(benchLines('gbdt', 1000).map(({ raw }) => raw))
  const ask = (): void => {
    if (seen < asked || asked >= goal) return
    promote(root, 'gbdt', last === '1' ? '2' : '1')
    asked++
    if (asked % (goal / 10) === 0) memory.push(residentMb(pipe.child.pid))
  }
  while (seen < goal) await pipe.drive(lines, 4000, 5, ask)
  const mb = memory.map(each => each.toFixed(0)).join(' ')
  say(
    `- ${seen} swaps at 4,000 lines/s: ${timesText(timesOf(pipe.waits))}; MB at each tenth: ${mb}`,
  )
  await pipe.end()
  promote(root, 'gbdt', '1')
}

async function crash(): Promise<void> {
  const line = `exec predict --model gbdt --models ${root} --cache 0 --workers 1 --timeout 20s`
  const pipe = openPipe(`${line} 2> /dev/null`, folder)
  const lines = cycle(benchLines('gbdt', 1000).map(({ raw }) => raw))
  await pipe.drive(lines, RATE, 3)
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    const before = pipe.waits.length
    let isDone = false
    await pipe.drive(lines, RATE, 4, elapsed => {
      if (isDone || elapsed < 1000) return
      isDone = true
      const children = readFileSync(
        `/proc/${pipe.child.pid}/task/${pipe.child.pid}/children`,
        'utf8',
      ).trim()
      process.kill(Number(children.split(' ')[0]), signal)
    })
    say(
      `- the only worker gets ${signal} at 10,000 lines a minute: ` +
        `${timesText(timesOf(pipe.waits.slice(before)))}`,
    )
  }
  await pipe.end()
}

if (isWanted('rows')) say(`rows/s (time of a batch)\n\n${await rowsTable(root)}\n`)
if (isWanted('latency')) await latency()
if (isWanted('closes')) await closes()
if (isWanted('swaps')) await swaps()
if (isWanted('crash')) await crash()
showFigures('serving', `Printed by \`make bench\` on ${machine()}.\n\n${said.join('\n')}\n`)
