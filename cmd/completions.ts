import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'completions',
  summary: 'Print a completion script for the shell',
  flags: {},
  args: { name: 'bash', doc: 'the shell', min: 1, max: 1 },
  examples: ['source <(sluice completions bash)'],
  async run(ctx, out) {
    const { bashCompletions } = await import('../lib/cli/completions.ts')
    const { OWN_NAMES, registry } = await import('./registry.ts')
    await out.write(await bashCompletions(ctx.args[0]!, registry, OWN_NAMES))
  },
})
