import { commandCalled } from '../lib/cli/door/called.ts'
import { main } from '../lib/cli/door/cli.ts'
import { GROUPS, registry } from './registry.ts'

/** `sluice gate …` and `gate …` are the same: the name we were called by, or the first word. */
const called = commandCalled(process.argv[1], registry)
const words = process.argv.slice(2)
const [name, ...rest] = called === undefined ? words : [called, ...words]
if (name === undefined || name === '--help' || name === '-h') {
  const { overviewOf } = await import('../lib/cli/manual/overview.ts')
  const { helpText } = await import('../lib/cli/manual/help.ts')
  process.stdout.write(helpText(await overviewOf(GROUPS, process.env.PATH)))
} else if (name === '--version') {
  const { versionText } = await import('../lib/cli/version.ts')
  process.stdout.write(`${versionText()}\n`)
} else await main(name, rest, registry)
