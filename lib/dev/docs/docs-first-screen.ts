import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * One pipeline, as typed and with what it prints. Simulated and seeded, so that it prints the same
 * everywhere.
 */
const LINES = [
  'discover --source sim --days 1 | features --sets pool | strategy \\',
  '  | gate --without confidence | tee decisions.ndjson | execute | tee trades.ndjson | ' +
    'sluice report --format text',
]
const LOOK =
  'sluice query --file decisions.ndjson "select mint, decision.act, decision.confidence from ' +
  `input where decision.act = 'buy' limit 2"`

/**
 * Runs the pipeline in a folder of its own and shows commands and output. Throws when a command
 * fails.
 */
export async function firstScreen(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-readme-'))
  try {
    const report = shell(LINES.join('\n'), folder)
    const look = shell(LOOK, folder)
    return (
      `\`\`\`console\n$ ${LINES.join('\n')}\n${report.split('\nCosts')[0]}\n  …\n$ ` +
      `${LOOK}\n${look}\`\`\`\n\n`
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function shell(line: string, cwd: string): string {
  const env = {
    ...process.env,
    PATH: `${process.cwd()}/dist/bin:${process.env.PATH}`,
    SLUICE_HOME: cwd,
  }
  const done = spawnSync('bash', ['-c', `set -euo pipefail; ${line}`], {
    cwd,
    env,
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`${line}: exit ${done.status}\n${done.stderr}`)
  return done.stdout
}
