import { UsageError } from '../../base/errors.ts'
import type { ReadModel } from '../../onnx/read-model.ts'
import type { Kind } from '../bundle.ts'
import { HEADS } from '../heads.ts'
import type { ImportFlags } from './import-flags.ts'

/** What the user says an input of the graph takes. */
export interface InputSpec {
  /** Input of the graph, and its name in the bundle. */
  name: string
  feed: string
  /** Features in their order, or the one name of a tensor, SET.TENSOR. */
  words: readonly string[]
  /** Key of its scaler. */
  scaler: string | undefined
}

/** What the user says an output of the graph is. */
export interface HeadSpec extends Pick<ImportFlags, 'column' | 'unit'> {
  head: string
  output: string
  feed: string
  word: string | undefined
}

export interface Specs {
  kind: Kind
  inputs: readonly InputSpec[]
  heads: readonly HeadSpec[]
}

/** Name of the output of an imported head: one that no exporter uses. */
export const HEAD = 'sluice_head'

/**
 * What the flags say of the ends of a graph. Throws UsageError where they name what is not there.
 */
export function specsOf(flags: ImportFlags, model: ReadModel): Specs {
  const { kind } = flags
  const head = flags.head ?? HEADS[kind][0]!
  if (!HEADS[kind].includes(head))
    throw new UsageError(`--head ${head}: kind ${kind} has ${HEADS[kind].join(', ')}`)
  const inputs = model.inputs.map(({ name }) => name)
  const input = flags.input ?? inputs[0]!
  if (!inputs.includes(input))
    throw new UsageError(`the graph has inputs ${inputs.join(', ')}, not ${input}`)
  if (inputs.length > 1)
    throw new UsageError(
      `the graph has ${inputs.length} inputs (${inputs.join(', ')}); only one can be fed ` +
        'with features',
    )
  const { output = model.outputs.at(-1)?.name ?? '', class: word, column, unit } = flags
  const feed = freeName('features', model.names)
  return {
    kind,
    inputs: [{ name: input, feed, words: flags.features ?? [], scaler: flags.scaler }],
    heads: [{ head, output, feed: HEAD, word, column, unit }],
  }
}

/** A name for a value of the graph that no other value has. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const clean = wanted.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 48)
  let name = clean
  for (let n = 1; taken.has(name); n++) name = `${clean}_${n}`
  return name
}
