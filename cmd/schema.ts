import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'schema',
  summary: 'Print the JSON Schema of a record part',
  details:
    'Without a name: one line per part. The same schemas check every line that a command reads.',
  flags: {},
  args: {
    name: 'PART',
    doc: 'name of the part, or line for a whole record',
    max: 1,
    names: 'parts',
  },
  examples: ['sluice schema decision'],
  async run(ctx, out) {
    const { schemaText, schemaList } = await import('../lib/records/parts.ts')
    await out.write(ctx.args[0] === undefined ? schemaList() : schemaText(ctx.args[0]))
  },
})
