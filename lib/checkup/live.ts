import { messageOf, UsageError } from '../base/errors.ts'
import type { Finding } from './checkup-row.ts'
import {
  balance,
  blocks,
  chain,
  clock,
  genesis,
  health,
  jupiter,
  rpc,
  witness,
} from './live-net.ts'
import { caps, config, disk, key, killSwitch, ledger, wallet } from './live-own.ts'
import { clean, type LiveCheckup, type Look, patientOf, Wrong } from './live-patient.ts'

/**
 * One thing that live trading needs. `unknown` = it could not be looked at, which is no better than
 * a failure.
 */
export interface LiveFinding extends Finding {
  result: 'pass' | 'fail' | 'unknown'
  remedy?: string
}

/**
 * Every check by name, with what to do when it does not hold. Nothing is signed and nothing is
 * sent.
 */
const CHECKS: Record<string, { look: Look; remedy: string; isNeeded?: false }> = {
  'live-config': {
    look: config,
    remedy: 'write section live of config.json; see pipelines/README.md, “Trading for real”',
  },
  'live-caps': {
    look: caps,
    remedy: 'set live.caps so that perTrade ≤ perDay ≤ total, all above 0',
  },
  'live-key': { look: key, remedy: 'a key file of solana-keygen, your own, mode 600, not a link' },
  'live-wallet': {
    look: wallet,
    remedy: 'set live.wallet to the address of the key that you mean to trade with',
  },
  'live-rpc': {
    look: rpc,
    remedy: 'set live.rpc to a node of your own, in a file of mode 600 if it holds a key',
  },
  'live-genesis': {
    look: genesis,
    remedy: 'the node is of another chain: fix live.rpc, or live.genesis',
  },
  'live-witness': {
    look: witness,
    remedy:
      'set live.witness to a node of somebody else: without one a buy that does not land keeps ' +
      'its token, place and cash blocked',
    isNeeded: false,
  },
  // Trading for real asks the node itself; only paper trades are off.
  'live-chain': {
    look: chain,
    remedy: 'sluice doctor --chain > chain.json, and set execute.chain to that file',
    isNeeded: false,
  },
  'live-health': { look: health, remedy: 'wait until the node has caught up, or use another' },
  'live-blocks': {
    look: blocks,
    remedy: 'wait until the node has caught up, use another, or set the clock',
  },
  'live-balance': { look: balance, remedy: 'send SOL to the wallet, or lower live.caps.perTrade' },
  'live-jupiter': {
    look: jupiter,
    remedy: 'set live.jupiterKey to a file of mode 600 with a key of api.jup.ag',
  },
  'live-clock': { look: clock, remedy: 'set the clock of this machine (NTP)' },
  'live-ledger': {
    look: ledger,
    remedy: 'run execute --live until its orders are settled; it buys nothing before',
  },
  'live-kill-switch': {
    look: killSwitch,
    remedy: 'remove the file to buy again',
  },
  'live-disk': { look: disk, remedy: 'free some room, or move $SLUICE_HOME' },
}

const UNSETTLED = {
  ok: false,
  needed: true,
  result: 'unknown',
  text: 'not looked at: live-config does not hold',
  remedy: 'settle live-config first',
} as const

/**
 * Looks at everything that `execute --live` needs, one finding each. Neither keys nor addresses
 * with keys are shown.
 */
export async function* examineLive(checkup: LiveCheckup): AsyncGenerator<LiveFinding> {
  const patient = patientOf(checkup)
  let unsettled: string | undefined
  for (const [check, { look, remedy, isNeeded = true }] of Object.entries(CHECKS)) {
    try {
      yield {
        check,
        ok: true,
        needed: isNeeded,
        result: 'pass',
        text: clean(patient, await look(patient)),
      }
    } catch (error) {
      const isWrong = error instanceof Wrong || error instanceof UsageError
      const text = clean(patient, messageOf(error).split('\n')[0] ?? '')
      // What cannot be looked at for want of settings is unknown: its own remedy would send people
      // the wrong way.
      if (unsettled !== undefined && text === unsettled) yield { check, ...UNSETTLED }
      else
        yield {
          check,
          ok: false,
          needed: isNeeded,
          result: isWrong ? 'fail' : 'unknown',
          text,
          remedy,
        }
      if (check === 'live-config' && isWrong) unsettled = text
    }
  }
}
