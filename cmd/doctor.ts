import { tool } from '../lib/command.ts'
import { bool } from '../lib/flags.ts'

export default tool({
  name: 'doctor',
  summary: 'Check that everything this machine needs is there',
  details:
    'One line per check: what was looked at, whether it is fine, and what to do if not. Changes nothing and sends ' +
    'nothing. With --live also everything that execute --live needs: configuration and caps, key file and wallet, node, ' +
    'chain, clock, balance, Jupiter, ledger, kill switch and disk, each pass, fail or unknown.',
  flags: {
    live: bool('check what trading for real needs too, without sending anything', { argvOnly: true }),
    check: bool('exit 1 when a check fails'),
  },
  examples: ['sluice doctor', 'sluice doctor --check || echo not ready', 'sluice doctor --live --check'],
  async run(ctx, out) {
    const { examine } = await import('../lib/doctor.ts')
    const { Negative } = await import('../lib/errors.ts')
    const { registry } = await import('./registry.ts')
    let failed = 0
    const report = async (findings: AsyncIterable<{ ok: boolean }>): Promise<void> => {
      for await (const finding of findings) {
        if (!finding.ok) failed++
        await out.write(`${JSON.stringify(finding)}\n`)
      }
    }
    await report(examine(ctx, Object.keys(registry)))
    if (ctx.flags.live) {
      const { liveFindings } = await import('../lib/trade/live/doctor-open.ts')
      await report(liveFindings(ctx, registry))
    }
    if (failed > 0 && ctx.flags.check) throw new Negative(`${failed} of the checks failed`)
  },
})
