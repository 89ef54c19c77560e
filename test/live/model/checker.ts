/** A system of states: where it begins, what may happen next, and what must hold. */
export interface System<S> {
  start: S
  /** Everything that may happen in a state, with its name. */
  steps(state: S): Iterable<readonly [name: string, after: S]>
  /** Equal keys are equal states. */
  key(state: S): string | number
  /** What is wrong with a state; undefined when nothing is. */
  wrong(state: S): string | undefined
  /** What is wrong with a step from one state to another. */
  wrongStep?(before: S, after: S): string | undefined
  /** Where it may rest: from every state one of these has to be within reach. */
  isGood(state: S): boolean
}

/** What an exhaustive search found. */
export interface Checked {
  states: number
  steps: number
  /** The shortest way to something wrong, or to a state from which no good end can be reached. */
  failure: { why: string; way: string[] } | undefined
}

/** More states than any model here has: a model that grows without end is a mistake. */
const MOST = 3_000_000

/**
 * Visits every state that can be reached, breadth first, and looks at each and at each step; then
 * whether a good end can be reached from everywhere.
 */
export function checkAll<S>(system: System<S>): Checked {
  const { steps, key, wrong, wrongStep, isGood } = system
  const numbers = new Map([[key(system.start), 0]])
  const states = [system.start]
  const from = [0]
  const by = ['']
  const sources: number[] = []
  const targets: number[] = []
  const failed = (why: string, at: number, last?: string): Checked => {
    const way = last === undefined ? [] : [last]
    for (let i = at; i > 0; i = from[i]!) way.unshift(by[i]!)
    return { states: states.length, steps: targets.length, failure: { why, way } }
  }
  for (let at = 0; at < states.length; at++) {
    if (at > MOST) throw new Error(`more than ${MOST} states`)
    const state = states[at]!
    const why = wrong(state)
    if (why !== undefined) return failed(why, at)
    for (const [name, after] of steps(state)) {
      const whyStep = wrongStep?.(state, after)
      if (whyStep !== undefined) return failed(whyStep, at, name)
      const text = key(after)
      let number = numbers.get(text)
      if (number === undefined) {
        number = states.length
        numbers.set(text, number)
        states.push(after)
        from.push(at)
        by.push(name)
      }
      sources.push(at)
      targets.push(number)
    }
  }
  const lost = firstLost(states.map(isGood), sources, targets)
  if (lost >= 0) return failed('no good end can be reached any more', lost)
  return { states: states.length, steps: targets.length, failure: undefined }
}

/** The first state that leads to no good one; −1 when all do. */
function firstLost(
  isGood: readonly boolean[],
  sources: readonly number[],
  targets: readonly number[],
): number {
  const [starts, into] = byTarget(isGood.length, sources, targets)
  const isSaved = Uint8Array.from(isGood, Number)
  const open = [...isSaved.keys()].filter(at => isSaved[at] === 1)
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (let i = starts[at]!; i < starts[at + 1]!; i++) {
      const source = into[i]!
      if (isSaved[source] === 0) {
        isSaved[source] = 1
        open.push(source)
      }
    }
  return isSaved.indexOf(0)
}

/** Sources of steps in the order of their targets, and where those of each target begin. */
function byTarget(
  count: number,
  sources: readonly number[],
  targets: readonly number[],
): [starts: Int32Array, into: Int32Array] {
  const starts = new Int32Array(count + 2)
  for (const target of targets) starts[target + 2]!++
  for (let i = 2; i < starts.length; i++) starts[i]! += starts[i - 1]!
  const into = new Int32Array(sources.length)
  for (const [i, target] of targets.entries()) into[starts[target + 1]!++] = sources[i]!
  return [starts, into]
}
