import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GROUPS, OWN_NAMES } from '../../cmd/registry.ts'
import { replaceFile } from '../base/atomic-write.ts'
import { allFlags } from '../cli/common-flags.ts'
import { helpOf, helpText } from '../cli/manual/help.ts'
import { manPage } from '../cli/manual/man-page.ts'
import { manualOf } from '../cli/manual/manual.ts'
import { overviewOf } from '../cli/manual/overview.ts'
import { completionScript, SCRIPT_FILES, type Shell } from '../cli/shell/scripts.ts'

/**
 * Writes what a shell and `man` read of the declarations: man/man1/*.1 and completions/* below a
 * folder. Files there of commands that are no more go.
 */
export async function writeShellFiles(folder: string, version: string): Promise<void> {
  writeAll(join(folder, 'man', 'man1'), await manPages(`sluice ${version}`))
  const scripts = new Map<string, string>()
  for (const [shell, name] of Object.entries(SCRIPT_FILES))
    scripts.set(name, await completionScript(shell as Shell, GROUPS, OWN_NAMES))
  writeAll(join(folder, 'completions'), scripts)
}

/** The help of sluice and of every command by name, as it is printed. */
export async function helpTexts(): Promise<Map<string, string>> {
  const texts = new Map([['sluice', helpText(await overviewOf(GROUPS))]])
  for (const commands of Object.values(GROUPS)) {
    for (const [name, load] of Object.entries(commands)) {
      const { default: command } = await load()
      texts.set(name, helpOf(command, allFlags(command.kind, command.flags)))
    }
  }
  return texts
}

/** sluice.1, and sluice-NAME.1 for every command, by file name. */
async function manPages(version: string): Promise<Map<string, string>> {
  const pages = new Map([['sluice.1', manPage(await overviewOf(GROUPS), version)]])
  for (const commands of Object.values(GROUPS)) {
    for (const [name, load] of Object.entries(commands)) {
      const { default: command } = await load()
      const manual = manualOf(command, allFlags(command.kind, command.flags))
      pages.set(`sluice-${name}.1`, manPage(manual, version))
    }
  }
  return pages
}

function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) replaceFile(join(folder, name), text)
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name))
}
