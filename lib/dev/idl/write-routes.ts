import { readFileSync } from 'node:fs'
import { replaceFile } from '../../base/atomic-write.ts'
import { routeData } from './route-data.ts'

/** Writes the known routes of Jupiter from its IDL; the formatter makes the rest of them. */
const data = routeData(readFileSync('lib/dev/idl/jupiter.json', 'utf8'))
const constant = (name: keyof typeof data, doc: string): string =>
  `/** ${doc} */\nexport const ${name} = ${JSON.stringify(data[name])} as const\n`
const FILES = {
  'jupiter-routes': [
    constant('IDL', 'What the rest is generated from, by `make docs`: not to be edited.'),
    constant('ROUTES', 'Forms of a swap: accounts in their order, arguments with their bytes.'),
    constant('LEDGER_ROUTES', 'Forms whose amount is in a ledger account, by their first bytes.'),
  ],
  'jupiter-steps': [
    constant(
      'SWAPS',
      'Exchanges by their number in a step of a route, as pieces of what they want. Generated.',
    ),
  ],
}
for (const [name, constants] of Object.entries(FILES))
  replaceFile(`lib/trade/live/sign/${name}.ts`, constants.join('\n'))
