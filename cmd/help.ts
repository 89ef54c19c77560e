import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'help',
  summary: 'Explain a command or a topic',
  details:
    'Without a word: all commands by group. For a command: what its --help prints. Topics say ' +
    'what holds for all commands. For sluice-NAME of your own: its --help.',
  flags: {},
  args: {
    name: 'COMMAND|TOPIC',
    doc: 'a command, or a topic of the list',
    max: 1,
    names: 'topics',
  },
  examples: ['sluice help', 'sluice help gate', 'sluice help exit-codes'],
  ignoresConfig: true,
  async run({ args, env }, out) {
    const { runHelp } = await import('../lib/cli/door/run-help.ts')
    const { GROUPS } = await import('./registry.ts')
    await runHelp(args[0], { groups: GROUPS, path: env.PATH }, out)
  },
})
