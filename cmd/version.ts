import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'version',
  summary: 'Print the version of program and record format',
  details: 'The same as sluice --version. The part after + is the revision it was built from.',
  flags: {},
  examples: ['sluice version'],
  ignoresConfig: true,
  async run(_, out) {
    const { versionText } = await import('../lib/cli/version.ts')
    await out.write(`${versionText()}\n`)
  },
})
