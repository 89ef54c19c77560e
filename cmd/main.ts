import { commandCalled } from '../lib/cli/door/called.ts'
import { readyHelp } from '../lib/cli/door/ready-help.ts'
import { versionText } from '../lib/cli/version.ts'
import { GROUPS, registry } from './registry.ts'

/** `sluice gate …` and `gate …` are the same: the name we were called by, or the first word. */
const called = commandCalled(process.argv[1], registry)
const words = process.argv.slice(2)
const [name, ...rest] = called === undefined ? words : [called, ...words]
const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h'

if (name === undefined || isHelp(name)) {
  // What PATH adds is listed by sluice help, which may take longer to start.
  process.stdout.write(readyHelp('sluice') ?? (await overview()))
} else if (name === '--version') {
  process.stdout.write(`${versionText()}\n`)
} else {
  const isPlain = Object.hasOwn(registry, name) && rest.length === 1 && isHelp(rest[0])
  const ready = isPlain ? readyHelp(name) : undefined
  if (ready === undefined) await run(name)
  else process.stdout.write(ready)
}

async function overview(): Promise<string> {
  const { overviewOf } = await import('../lib/cli/manual/overview.ts')
  const { helpText } = await import('../lib/cli/manual/help.ts')
  return helpText(await overviewOf(GROUPS))
}

async function run(command: string): Promise<void> {
  const { main } = await import('../lib/cli/door/cli.ts')
  await main(command, rest, registry)
}
