import type { Groups } from '../manual/overview.ts'
import { bashScript } from './bash-script.ts'
import { fishScript } from './fish-script.ts'
import { type Extend, offersOf } from './offers.ts'
import { zshScript } from './zsh-script.ts'

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript }
export type Shell = keyof typeof SHELLS

/** Where a script lies among those of a package, by shell. */
export const SCRIPT_FILES: Record<Shell, string> = {
  bash: 'sluice.bash',
  zsh: '_sluice',
  fish: 'sluice.fish',
}

/**
 * The completion script for a shell, with commands of their own names beside `sluice`; `extend`
 * adds what the configuration of somebody adds to a command.
 */
export const completionScript = async (
  shell: Shell,
  groups: Groups,
  ownNames: readonly string[],
  extend: Extend = async command => command,
): Promise<string> => SHELLS[shell](await offersOf(groups, extend), ownNames)
