import { UsageError } from '../base/errors.ts'
import { inUnits } from '../report/report-text.ts'
import { readKey, redact } from '../sources/net/api-key.ts'
import type { Http } from '../sources/net/http.ts'
import { makeRpcCall, type RpcCall } from '../sources/rpc/client.ts'
import { type Endpoint, readEndpoint } from '../sources/rpc/endpoint.ts'
import type { ExecuteFlags } from '../trade/execute/execute-flags.ts'
import { witnessAt } from '../trade/live/chain/witness.ts'
import { type LiveSettings, readLive, refusePublic } from '../trade/live/live-settings.ts'

/** What is looked at, and with what. */
export interface LiveCheckup {
  home: string
  /** Section `live` of the configuration as it stands; a function, since reading it may fail. */
  section(): Record<string, unknown> | undefined
  /** Effective flags of execute. */
  execute(): Pick<ExecuteFlags, 'reserve' | 'killSwitch' | 'chain'>
  http: Http
  now(): number
  signal: AbortSignal
}

/** Settings and what was read with them; asking for one that does not hold throws. */
export interface Patient extends LiveCheckup {
  settings(): LiveSettings
  endpoint(): Endpoint
  call(): RpcCall
  /** The witness, where there is one. */
  otherEndpoint(): Endpoint
  otherCall(): RpcCall
  jupiterKey(): string | undefined
}

export type Look = (patient: Patient) => string | Promise<string>

/** Something that is not as it must be. Any other error means that it could not be looked at. */
export class Wrong extends Error {}

/** An amount of lamports in SOL. */
export const sol = (amount: bigint): string => `${inUnits(amount)} SOL`

/** The settings are read anew by each check: one that does not hold is its own finding. */
export function patientOf(checkup: LiveCheckup): Patient {
  const settings = (): LiveSettings => readLive(checkup.section())
  const endpoint = (): Endpoint => {
    const found = readEndpoint(settings().rpc, 'live.rpc')
    refusePublic(found.url, settings())
    return found
  }
  const jupiterKey = (): string | undefined => {
    const { jupiterKey: path } = settings()
    return path === undefined ? undefined : readKey(path, 'live.jupiterKey')
  }
  const call = (): RpcCall => makeRpcCall(checkup.http, endpoint().url, settings().rpcPerMinute)
  const otherEndpoint = (): Endpoint => witnessAt(settings().witness ?? '', endpoint().url)
  const otherCall = (): RpcCall =>
    makeRpcCall(checkup.http, otherEndpoint().url, settings().rpcPerMinute)
  return { ...checkup, settings, endpoint, call, otherEndpoint, otherCall, jupiterKey }
}

/**
 * Whatever a text quotes, secrets are taken out of it; those that cannot be read cannot be in it
 * either.
 */
export function clean(patient: Patient, text: string): string {
  const secrets = [
    () => patient.endpoint().secrets,
    () => patient.otherEndpoint().secrets,
    () => [patient.jupiterKey() ?? ''],
  ].flatMap(read => {
    try {
      return read()
    } catch (error) {
      if (error instanceof UsageError) return []
      throw error
    }
  })
  return redact(text, secrets)
}
