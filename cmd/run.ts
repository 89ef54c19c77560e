import { bool } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'run',
  summary: 'Run a whole pipeline in one process',
  details:
    'The same steps as in the shell pipe, without processes in between and without printing ' +
    'and parsing the lines ' +
    'again: the output bytes are the same, the speed is several times higher. The first ' +
    'command may be a source; ' +
    'otherwise lines come from stdin.',
  flags: { quiet: bool('no summaries on stderr') },
  args: { name: 'PIPELINE', doc: 'commands joined by |, in one argument', min: 1, max: 1 },
  examples: ["sluice run 'features --sets pool | gate' < recording.ndjson"],
  async run(ctx) {
    const { runPipeline } = await import('../lib/cli/fused.ts')
    const { registry } = await import('./registry.ts')
    await runPipeline(ctx.args[0]!, registry, ctx)
  },
})
