import { bool } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'config',
  summary: 'Print the effective settings and where each came from',
  details:
    'A flag wins over the environment, the environment over $SLUICE_HOME/config.json, and ' +
    'that over the default. Durations, sizes and amounts of SOL are shown as they were ' +
    'typed, numbers as numbers. ' +
    'Secrets are never settings: settings hold the paths of files with secrets.',
  flags: {
    changed: bool('only settings that differ from their default'),
    where: bool('print the path of the home alone, for scripts that write there'),
  },
  // It asks for the folder in order to write to it, so it is told no where two may be meant.
  writesHome: ({ flags }) => flags.where,
  args: { name: 'COMMAND', doc: 'only the settings of these commands', names: 'commands' },
  examples: ['sluice config gate', 'sluice config --changed'],
  async run(ctx, out) {
    if (ctx.flags.where) return out.write(`${ctx.home}\n`)
    const { namesOfOthers } = await import('../lib/cli/env-names.ts')
    const { effectiveSettings } = await import('../lib/cli/settings.ts')
    const { registry } = await import('./registry.ts')
    const others = namesOfOthers(ctx.env)
    if (others.length > 0) ctx.log.warn(`of other programs, and not read: ${others.join(', ')}`)
    const home = { path: ctx.home, from: ctx.homeFrom }
    for (const row of await effectiveSettings(registry, ctx.args, ctx.env, home)) {
      if (!ctx.flags.changed || row.from !== 'default') await out.write(`${JSON.stringify(row)}\n`)
    }
  },
})
