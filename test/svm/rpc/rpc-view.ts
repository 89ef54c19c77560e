import type { Cluster, Commitment, Landed } from '../cluster.ts'
import type { Fault } from '../faults.ts'
import type { Wire } from '../wire.ts'

/** What one request sees: the cluster as a node knows it, which may be some slots behind. */
export interface View {
  cluster: Cluster
  fault: Fault | undefined
  lag: number
  slot: number
  height(commitment: Commitment): number
  /** Seconds, as nodes have it. */
  timeOf(slot: number): number
  find(signature: string): Landed | undefined
  genesis: string
  /** Key that the node is known by. */
  identity: string
  priorityFees: readonly number[]
  /** Puts a transaction into a block, or where the fault of this request wants it. */
  take(wire: Wire): void
}

/** An error that a node answers with. */
export class RpcError extends Error {
  code: number
  data: object | undefined
  constructor(code: number, message: string, { data }: { data?: object } = {}) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** A value with the slot it is from. */
export const answered = (view: View, value: unknown): object => ({
  context: { apiVersion: '4.0.0', slot: view.slot },
  value,
})
