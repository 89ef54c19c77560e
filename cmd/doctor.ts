import { bool } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { liveFlags } from '../lib/sources/live/live-flags.ts'
import { keyFlags } from '../lib/sources/providers/provider.ts'
import { PROVIDERS } from '../lib/sources/providers/providers.ts'

const { base, rpc, rpcRate } = liveFlags

export default tool({
  name: 'doctor',
  summary: 'Check that everything this machine needs is there, and every provider',
  details:
    'One line per check: what was looked at, whether it is fine, what to do if not, and ' +
    'which commands cannot run without it. Each provider of discover is asked one cheap ' +
    'question within the shared budget of calls: does it answer, does it take the key, how ' +
    'many calls are left, how far is its clock from ours, and is the Solana node on mainnet. ' +
    'What is not set up is said, and is no failure. Flags that are not given are those of ' +
    'discover in the configuration. With --live also everything that execute --live needs: ' +
    'configuration and caps, key file and wallet, node, chain, clock, balance, Jupiter, ' +
    'ledger, kill switch and disk, each pass, fail or unknown. Changes nothing.',
  flags: {
    live: bool('check what trading for real needs too, without sending anything', {
      argvOnly: true,
    }),
    check: bool('exit 1 when a check fails'),
    offline: bool('ask nobody: leave out the providers'),
    base,
    ...keyFlags(PROVIDERS),
    rpc,
    rpcRate,
  },
  examples: [
    'sluice doctor',
    'sluice doctor --check || echo not ready',
    'sluice doctor --rpc rpc.txt --birdeye-key birdeye.txt',
    'sluice doctor --live --offline --check',
  ],
  async run(ctx, out) {
    const { examine } = await import('../lib/checkup/machine.ts')
    const { Negative } = await import('../lib/base/errors.ts')
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
      const { liveFindings } = await import('../lib/checkup/live-open.ts')
      await report(liveFindings(ctx, registry))
    }
    if (failed > 0 && ctx.flags.check) throw new Negative(`${failed} of the checks failed`)
  },
})
