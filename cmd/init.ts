import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'init',
  summary: 'Write a first configuration',
  details:
    'Creates $SLUICE_HOME (by default sluice in the XDG data folder, ~/.local/share) with a ' +
    'config.json that repeats the defaults ' +
    'most often changed. Never overwrites.',
  flags: {},
  writesHome: true,
  examples: ['sluice init', 'SLUICE_HOME=~/sluice sluice init', 'sluice init --home ./data'],
  async run(ctx, out) {
    const { writeFirstConfig } = await import('../lib/cli/first-config.ts')
    const { registry } = await import('./registry.ts')
    await out.write(`${await writeFirstConfig(ctx.home, registry)}\n`)
  },
})
