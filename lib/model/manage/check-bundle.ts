import { basename, dirname, resolve } from 'node:path'
import { Failure, messageOf, UsageError } from '../../base/errors.ts'
import { openSession } from '../../onnx/session.ts'
import type { Bundle } from '../bundle.ts'
import { readBundle } from '../files.ts'
import { HEADS } from '../heads.ts'
import { mustBeServable } from '../servable.ts'
import { checkGraph } from '../serve/open-scorer.ts'
import { checkParity } from '../verify.ts'

/** One thing that a bundle has to be, and whether it is. */
interface Checked {
  check: string
  ok: boolean
  reason?: string
}

/**
 * Holds a folder that any program wrote against the format of a bundle (models/README.md), check by
 * check; after one that failed, those that need it are left out. Rejects for what is not a fault of
 * the bundle.
 */
export async function checkBundle(dir: string): Promise<Checked[]> {
  const done: Checked[] = []
  const check = async <T>(name: string, run: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      const result = await run()
      done.push({ check: name, ok: true })
      return result
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      done.push({ check: name, ok: false, reason: error.message })
      return undefined
    }
  }
  const loaded = await check('bundle.json and the hash of its model', () => readBundle(dir))
  if (loaded === undefined) return done
  const { bundle, model } = loaded
  const name = `${bundle.name}@${bundle.version}`
  await check('folder', () => checkFolder(dir, bundle))
  await check('heads of the kind', () => checkHeads(bundle))
  await check('inputs', () => checkInputs(bundle))
  await check('features of this version', () => mustBeServable(bundle))
  await check('parity rows', () => checkRows(bundle))
  const session = await check('graph', () => openSession(model, bundle.model.minBatch))
  if (session === undefined) return done
  try {
    const fits = await check('ends of the graph', () => {
      checkGraph(name, bundle, session)
      return true
    })
    if (fits)
      await check('answers to the parity rows', () =>
        checkParity(bundle, session).catch(error => {
          // What onnxruntime says of rows of another shape is no failure of ours.
          throw new UsageError(messageOf(error))
        }),
      )
  } finally {
    await session.release()
  }
  return done
}

function checkFolder(dir: string, { name, version }: Bundle): void {
  const path = resolve(dir)
  const [folder, above] = [basename(path), basename(dirname(path))]
  if (folder !== version || above !== name)
    throw new UsageError(`…/${above}/${folder} holds ${name} ${version}: expected …/NAME/VERSION`)
}

function checkHeads({ kind, heads }: Bundle): void {
  const odd = heads.find(({ name }) => !HEADS[kind].includes(name))
  if (odd !== undefined)
    throw new UsageError(`${odd.name} is no head of kind ${kind}, which has ${HEADS[kind]}`)
  const bare = heads.find(({ name, labels }) => NAMED.has(name) && labels === undefined)
  if (bare !== undefined) throw new UsageError(`${bare.name} has several columns: name its labels`)
}

/** Heads of several columns. */
const NAMED = new Set(['probabilities', 'change', 'sigma'])

function checkInputs({ inputs }: Bundle): void {
  for (const { name, features, tensor, shape } of inputs) {
    if ((features === undefined) === (tensor === undefined))
      throw new UsageError(`input ${name} takes features or a tensor: one of them is needed`)
    if (tensor !== undefined && shape === undefined)
      throw new UsageError(`input ${name} takes ${tensor} and says no shape`)
  }
}

/** Without rows nothing shows that another machine computes the same. */
function checkRows({ inputs, heads, parity }: Bundle): void {
  const counts = new Set(parity.inputs.map(({ rows }) => rows))
  const [rows = 0] = counts
  if (counts.size !== 1 || rows < 1)
    throw new UsageError('parity.inputs needs one or more rows, as many for each input')
  for (const { name, features, shape = [] } of inputs) {
    const width = features?.length ?? shape.reduce((product, side) => product * side, 1)
    const held = parity.inputs.find(({ input }) => input === name)
    const bytes = Buffer.from(held?.data ?? '', 'base64').length
    if (bytes !== 4 * rows * width)
      throw new UsageError(`parity.inputs: ${name} has ${bytes} bytes, not 4·${rows}·${width}`)
  }
  for (const { output, labels } of heads) {
    const count = parity.outputs[output]?.length ?? 0
    if (count !== rows * (labels?.length ?? 1))
      throw new UsageError(`parity.outputs: ${output} has ${count} numbers for ${rows} rows`)
  }
}
