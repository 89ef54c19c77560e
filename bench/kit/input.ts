import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Lines of about 340 bytes: a pool snapshot of each of `pools` pools in turn. */
export function marketFile(folder: string, lines: number, pools: number): string {
  const path = join(folder, `market-${lines}-${pools}.ndjson`)
  if (existsSync(path)) return path
  const fd = openSync(path, 'w')
  let text = ''
  for (let i = 0; i < lines; i++) {
    const name = String(i % pools).padStart(5, '0')
    const [quote, base] = [
      79_000_000_000 + ((i * 7919) % 1_000_003),
      206_900_000_000_000 - ((i * 104_729) % 10_000_019),
    ]
    text +=
      `{"v":1,"id":"market:P${name}${'y'.repeat(28)}:${330_000_000 + i}","ts":` +
      `${1_763_685_000_000 + i * 5},"kind":"market","mint":"M${name}${'x'.repeat(38)}","pool":` +
      `"P${name}${'y'.repeat(28)}","source":"pumpswap","slot":${330_000_000 + i},"market":` +
      `{"dex":"pumpswap","baseAmount":"${base}","quoteAmount":"${quote}","priceSol":` +
      `${quote / base / 1000},"volumeUsd":{"h24":${98_213 + (i % 977)}}}}\n`
    if (text.length > 1e6) {
      writeSync(fd, text)
      text = ''
    }
  }
  writeSync(fd, text)
  closeSync(fd)
  return path
}

/** Output of a shell line with dist/bin on PATH, kept as a file. */
export function madeFile(folder: string, name: string, line: string): string {
  const path = join(folder, name)
  if (!existsSync(path)) {
    const env = {
      ...process.env,
      PATH: `${process.cwd()}/dist/bin:${process.env.PATH}`,
      SLUICE_HOME: folder,
    }
    execFileSync(
      'bash',
      ['-c', `set -euo pipefail; ${line} > '${path}.part' && mv '${path}.part' '${path}'`],
      {
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
  }
  return path
}

export const countLines = (path: string): number =>
  Number(execFileSync('wc', ['-l', path], { encoding: 'utf8' }).trim().split(' ')[0])
