import { tool } from '../lib/cli/command.ts'
import { VERIFY_FLAGS } from '../lib/verify/verify-flags.ts'

export default tool({
  name: 'verify',
  summary: 'Prove that features look at no later line, and that own plugins keep the laws',
  details:
    '`verify prefix --on FILE PIPELINE` runs the steps over the first lines of a ' +
    'recording, cut at random places, and compares with the run over all of it. A stage that ' +
    'keeps a line until more have come than its declared lag (none, but for chaos and for what ' +
    'makes lines of its own, as label) is a finding too: it could have read them.\n\n' +
    '`verify served FILE [PIPELINE]` computes the features again from the raw parts of a ' +
    'recording and compares them with what it holds; name the pipeline with the flags that ' +
    'were used.\n\n' +
    '`verify plugin FILE` holds what a plugin adds to the laws that ours keep: strategies ' +
    'and feature sets say the same again, look at no later line and at no other token, and ' +
    'sets go on from a saved state; rules are pure, and neither a missing fact nor NaN ' +
    'passes; sources repeat themselves, with ids that come once and times that do not go ' +
    'back; nothing asks clock or chance. The lines are a simulated day and hostile bars, or ' +
    'those of --on. One row per law that holds.\n\n' +
    'All three exit 1 with the first difference.',
  flags: VERIFY_FLAGS,
  args: {
    name: 'prefix|served|plugin FILE PIPELINE',
    doc: 'what to prove, and on what',
    min: 2,
    max: 3,
    words: ['prefix', 'served', 'plugin'],
  },
  examples: [
    'sluice verify plugin mine.mjs',
    "sluice verify prefix --on day.ndjson 'features --sets pool --every 0'",
    'sluice verify served ~/.local/share/sluice/journal/decisions/2026-11-20.ndjson ' +
      "'features --every 1s'",
  ],
  run: async (ctx, out) => {
    const { verify } = await import('../lib/verify/run-verify.ts')
    const { registry } = await import('./registry.ts')
    await verify(ctx, registry, out)
  },
})
