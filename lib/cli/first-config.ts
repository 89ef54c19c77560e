import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'
import type { Registry } from './command.ts'

/**
 * Settings that a trader changes first, by command. Their values are read from the declarations.
 */
const FIRST: Record<string, readonly string[]> = {
  gate: ['maxRugRisk', 'minConfidence', 'minCombined'],
  execute: ['cash', 'maxPositions', 'takeProfit', 'stopLoss'],
}

/**
 * Writes `$SLUICE_HOME/config.json` with the defaults most often changed. Throws UsageError when
 * there is one.
 */
export async function writeFirstConfig(home: string, registry: Registry): Promise<string> {
  const path = join(home, 'config.json')
  if (existsSync(path)) throw new UsageError(`${path} is there already`)
  const config: Record<string, Record<string, unknown>> = {}
  for (const [name, keys] of Object.entries(FIRST)) {
    const { default: command } = await registry[name]!()
    const entries = keys.map(key => [key, settingOf(command.flags[key]?.shown)] as const)
    config[name] = Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }
  replaceFile(path, `${JSON.stringify(config, null, 2)}\n`)
  return `wrote ${path}; sluice config shows what is in force`
}

const settingOf = (shown: string | undefined): string | number | undefined =>
  shown === undefined || shown === ''
    ? undefined
    : Number.isFinite(Number(shown))
      ? Number(shown)
      : shown
