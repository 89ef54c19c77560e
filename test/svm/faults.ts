/** How one answer of a node or of the swap API goes wrong. */
export type Fault =
  /** HTTP 429 and 502; nothing was done. */
  | 'too-many'
  | 'bad-gateway'
  /** It was done, and the answer got lost. */
  | 'bad-gateway-after'
  | 'cut-after'
  | 'hang-after'
  /** Never answers; nothing was done. */
  | 'hang'
  /** Statuses: the node is at the newest block and does not find the signature. */
  | 'no-status'
  /** Sending: accepted, but reaches no block. */
  | 'drop'
  /** Sending: lands and fails there. */
  | 'revert'
  /** Sending: lands so many blocks later, if its blockhash is good then. */
  | { delay: number }
  /** Answered by a node that is so many slots behind. */
  | { lag: number }
  | { error: { code: number; message: string; data?: object } }

export interface Faults {
  /**
   * The next `times` requests of a method (or path) go wrong, after those that were asked for
   * before.
   */
  add(method: string, fault: Fault, times?: number): void
  /** The fault of this request, used up. */
  next(method: string): Fault | undefined
  clear(): void
}

export function makeFaults(): Faults {
  let waiting: { method: string; fault: Fault; times: number }[] = []
  return {
    add: (method, fault, times = 1) => void waiting.push({ method, fault, times }),
    next(method) {
      const found = waiting.find(each => each.method === method && each.times > 0)
      if (found !== undefined) found.times--
      return found?.fault
    },
    clear: () => void (waiting = []),
  }
}
