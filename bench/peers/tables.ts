import train from '../../cmd/train.ts'
import type { Command } from '../../lib/cli/command.ts'
import { prepare } from '../../lib/cli/prepare.ts'
import { readJob } from '../../lib/train/tabular/run-train.ts'
import type { TrainFlags } from '../../lib/train/train-flags.ts'
import { peersOf } from './peer.ts'

/**
 * What scikit-learn and LightGBM reach on exactly the rows of a call of train, as JSON for its
 * --peers:
 *   bench/peers/setup.sh && node --import tsx bench/peers/tables.ts [flags of train] FILE >
 *   peers.json
 */
const around = {
  env: process.env,
  commands: [],
  signal: new AbortController().signal,
  isDeterministic: true,
}
const { ctx } = await prepare(train as Command, process.argv.slice(2), around)
console.log(
  JSON.stringify(
    peersOf(await readJob(ctx.args[0]!, ctx.flags as unknown as TrainFlags, ctx.log)),
    null,
    1,
  ),
)
