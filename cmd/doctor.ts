import { bool, choice, list } from '../lib/base/flags.ts'
import type { Finding } from '../lib/checkup/checkup-row.ts'
import { tool } from '../lib/cli/command.ts'
import { liveFlags } from '../lib/sources/from-live.ts'
import { keyFlags } from '../lib/sources/providers/provider.ts'
import { LIVE_PROVIDERS, PROVIDERS } from '../lib/sources/providers/providers.ts'

const { base, rpc, rpcRate } = liveFlags

export default tool({
  name: 'doctor',
  summary: 'Check that everything this machine needs is there, and what is configured',
  details:
    'What was looked at, whether it is fine, what to do if not, and which commands cannot run ' +
    'without it: a table on a terminal, else one line of NDJSON per check. Changes nothing.\n\n' +
    'Providers are asked only where something is configured that asks them: they are named by ' +
    '--providers, have an address (--base), a key file or a node (--rpc) of their own, or are ' +
    'meant by mints, arbitrage or solPrice; each of these by a flag or as a setting of ' +
    'discover. All others, free ones too, are listed as not asked. The question is one and ' +
    'cheap, within the shared budget of calls: does it answer, does it take the key, how many ' +
    'calls are left, how far is its clock from ours, is the Solana node on mainnet.\n\n' +
    'With --check it ends with 1 when a needed part fails: Node, home, configuration, engines, ' +
    'every provider that was asked or named without its key, disk space where there are ' +
    'journals, and all of --live. What is not set up is said, and is no failure.\n\n' +
    'With --live also everything that execute --live needs: configuration and caps, key file ' +
    'and wallet, node, chain, clock, balance, Jupiter, ledger, kill switch and disk, each ' +
    'pass, fail or unknown.',
  flags: {
    live: bool('check what trading for real needs too, without sending anything', {
      argvOnly: true,
    }),
    chain: bool(
      'print what the node of live.rpc says of its chain, a profile for execute --chain, and end',
      { argvOnly: true },
    ),
    check: bool('exit 1 when a needed part fails'),
    offline: bool('ask nobody: leave out the providers'),
    format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
    providers: list('providers to ask (default: those of discover in the configuration)', {
      choices: LIVE_PROVIDERS,
    }),
    base,
    ...keyFlags(PROVIDERS),
    rpc,
    rpcRate,
  },
  examples: [
    'sluice doctor',
    'sluice doctor --check || echo not ready',
    'sluice doctor --rpc rpc.txt --birdeye-key birdeye.txt',
    'sluice doctor --providers dexscreener,geckoterminal',
    'sluice doctor --live --offline --check',
    'sluice doctor --chain > chain.json && execute --chain chain.json < decided.ndjson',
  ],
  async run(ctx, out) {
    const { examine } = await import('../lib/checkup/machine.ts')
    const { checkupRow } = await import('../lib/checkup/checkup-row.ts')
    const { Negative } = await import('../lib/base/errors.ts')
    const { withoutSecrets } = await import('../lib/base/secrets.ts')
    const { registry } = await import('./registry.ts')
    const { format, live, check, chain } = ctx.flags
    if (chain) {
      const { liveChain } = await import('../lib/checkup/live-open.ts')
      await out.write(await liveChain(ctx, registry))
      return
    }
    const isTable = format === 'text' || (format === 'auto' && process.stdout.isTTY === true)
    const width = process.stdout.columns || 80
    const failed: string[] = []
    const report = async (findings: AsyncIterable<Finding>): Promise<void> => {
      for await (const found of findings) {
        const finding = { ...found, text: withoutSecrets(found.text) }
        if (!finding.ok && finding.needed) failed.push(finding.check)
        await out.write(isTable ? checkupRow(finding, width) : `${JSON.stringify(finding)}\n`)
      }
    }
    await report(examine(ctx, registry))
    if (live) {
      const { liveFindings } = await import('../lib/checkup/live-open.ts')
      await report(liveFindings(ctx, registry))
    }
    if (failed.length > 0 && check) throw new Negative(`what is needed fails: ${failed.join(', ')}`)
  },
})
