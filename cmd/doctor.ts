import { tool } from '../lib/command.ts'
import { bool } from '../lib/flags.ts'

export default tool({
  name: 'doctor',
  summary: 'Check that everything this machine needs is there',
  details:
    'One line per check: what was looked at, whether it is fine, and what to do if not. Changes nothing and sends nothing.',
  flags: { check: bool('exit 1 when a check fails') },
  examples: ['sluice doctor', 'sluice doctor --check || echo not ready'],
  async run(ctx, out) {
    const { examine } = await import('../lib/doctor.ts')
    const { Negative } = await import('../lib/errors.ts')
    const { registry } = await import('./registry.ts')
    let failed = 0
    for await (const finding of examine(ctx, Object.keys(registry))) {
      if (!finding.ok) failed++
      await out.write(`${JSON.stringify(finding)}\n`)
    }
    if (failed > 0 && ctx.flags.check) throw new Negative(`${failed} of the checks failed`)
  },
})
