import { wallClock } from '../base/clock.ts'
import type { Registry } from '../cli/command.ts'
import { allFlags } from '../cli/common-flags.ts'
import { type Environment, readConfig, resolve } from '../cli/config.ts'
import { extended } from '../cli/named-plugins.ts'
import type { Budget } from '../sources/net/budget.ts'
import { makeHttp } from '../sources/net/http.ts'
import { realTime } from '../sources/net/timing.ts'
import { chainText } from '../trade/chain-profile.ts'
import type { ExecuteFlags } from '../trade/execute/execute-flags.ts'
import { examineLive, type LiveFinding } from './live.ts'
import { chainOf } from './live-net.ts'
import { type LiveCheckup, patientOf } from './live-patient.ts'

const nothing = async (): Promise<void> => undefined
/**
 * A dozen questions, each asked once: somebody waits for the answers, and a failure is one of them.
 */
const AT_ONCE: Budget = {
  left: (_host, _key, { burst }) => burst,
  turn: nothing,
  succeeded: nothing,
  limited: nothing,
  failed: nothing,
}

interface Around {
  home: string
  env: Environment
  signal: AbortSignal
}

/** The checkup of live trading with the effective configuration. Nothing of the home changes. */
export async function* liveFindings(
  around: Around,
  registry: Registry,
): AsyncGenerator<LiveFinding> {
  yield* examineLive(await checkupOf(around, registry))
}

/** What the node of live.rpc says of its chain, as the text of a profile file. */
export async function liveChain(around: Around, registry: Registry): Promise<string> {
  return chainText(await chainOf(patientOf(await checkupOf(around, registry))))
}

async function checkupOf({ home, env, signal }: Around, registry: Registry): Promise<LiveCheckup> {
  const { default: own } = await registry.execute!()
  // Plugins that the configuration of this very home names.
  const here = { env: { ...env, SLUICE_HOME: home }, commands: Object.keys(registry) }
  const command = await extended(own, [], here)
  const config = () => readConfig(home, Object.keys(registry))
  return {
    home,
    signal,
    now: wallClock.now,
    http: makeHttp({ budget: AT_ONCE, time: realTime, count: () => undefined, tries: 1 }),
    section: () => config().live,
    execute() {
      const given = { flags: new Map(), args: [] }
      const { values } = resolve(command, allFlags(command.kind, command.flags), {
        given,
        env,
        config: config(),
        home,
      })
      return values as ExecuteFlags
    },
  }
}
