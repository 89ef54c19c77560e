import type { Graph } from '../../onnx/graph.ts'
import type { Value } from './tape.ts'

/**
 * One recurrence over time-major sequences [T, …]; `step` emits its nodes into the body for one
 * slice […].
 */
export interface Lane {
  initial: readonly Value[]
  sequences: readonly Value[]
  /** Runs from the last slice to the first; outputs stay at the index of their slice. */
  backwards: boolean
  step(
    body: Graph,
    states: readonly string[],
    slices: readonly string[],
  ): { states: string[]; outputs: Value[] }
}

/**
 * Runs independent recurrences of equal length in one ONNX Scan. Returns the output sequences of
 * each lane.
 */
export function scan(graph: Graph, lanes: readonly Lane[]): Value[][] {
  const body = graph.child('step')
  const declare = ({ shape }: Value, skip: number): string =>
    body.input(body.fresh('in'), shape.slice(skip))
  // Scan wants all states before all slices, in inputs and outputs alike.
  const states = lanes.map(lane => lane.initial.map(value => declare(value, 0)))
  const slices = lanes.map(lane => lane.sequences.map(value => declare(value, 1)))
  const made = lanes.map((lane, i) => lane.step(body, states[i]!, slices[i]!))
  for (const [i, lane] of lanes.entries())
    for (const [k, value] of lane.initial.entries()) give(body, made[i]!.states[k]!, value.shape)
  for (const { outputs } of made) for (const { name, shape } of outputs) give(body, name, shape)

  const steps = lanes[0]!.sequences[0]!.shape[0]!
  const finals = lanes.reduce((sum, lane) => sum + lane.initial.length, 0)
  const sequences = made.flatMap(({ outputs }) => outputs)
  const inputs = [
    ...lanes.flatMap(lane => lane.initial),
    ...lanes.flatMap(lane => lane.sequences),
  ].map(value => value.name)
  const names = graph.ops('Scan', inputs, finals + sequences.length, {
    body,
    num_scan_inputs: inputs.length - finals,
    scan_input_directions: lanes.flatMap(lane => lane.sequences.map(() => Number(lane.backwards))),
    scan_output_directions: lanes.flatMap((lane, i) =>
      made[i]!.outputs.map(() => Number(lane.backwards)),
    ),
  })
  let at = finals
  return made.map(({ outputs }) =>
    outputs.map(({ shape }) => ({ name: names[at++]!, shape: [steps, ...shape] })),
  )
}

/**
 * A body output needs a name of its own: a value may leave twice, or be an input passed through.
 */
function give(body: Graph, name: string, shape: readonly number[]): void {
  body.output(body.op('Identity', [name]), shape)
}
