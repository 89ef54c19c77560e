import { TemporaryError, UsageError } from '../../base/errors.ts'
import type { Session } from '../../onnx/session.ts'
import type { Bundle } from '../bundle.ts'
import { expiryOf } from '../data-age.ts'
import { readBundle } from '../files.ts'
import { type Entry, versionDir } from '../registry.ts'
import { mustBeServable } from '../servable.ts'
import { checkParity } from '../verify.ts'
import type { Scorer } from './scoring.ts'
import { Unanswered } from './workers/job.ts'

interface ScorerOptions {
  /** Opens the graph of a bundle, in this process or in workers. */
  open(bundle: Bundle, model: Uint8Array): Promise<Session>
  maxAgeMs: number | undefined
  /** It scores rows of a table, whose columns need not be those of a feature set. */
  isOfTable: boolean
  /** Wall clock; undefined where only event time counts. */
  now: (() => number) | undefined
  /** The online model beside a bundle that can have one. */
  online(bundle: Bundle): Scorer['online']
}

/**
 * Opens one version of a model, after everything that can be known before its first line has been
 * checked: the files are what they were, its features exist, its graph fits its bundle and computes
 * here what it computed when it was made. Throws UsageError with the remedy, and TemporaryError
 * when the worker that should run it gives no answer.
 */
export async function openScorer(
  entry: Entry,
  version: string,
  part: Scorer['part'],
  options: ScorerOptions,
): Promise<Scorer> {
  const loaded = readBundle(versionDir(entry, version))
  const { bundle, model } = loaded
  if (!options.isOfTable) mustBeServable(bundle, '; or leave it out with --model')
  const expiresAt = expiryOf(bundle, options.maxAgeMs, options.now?.())
  const session = await options.open(bundle, model)
  try {
    checkGraph(`${entry.name}@${version}`, bundle, session)
    await checkParity(bundle, session)
    return { bundle, session, part, expiresAt, online: options.online(bundle) }
  } catch (error) {
    await session.release()
    throw error instanceof Unanswered
      ? new TemporaryError(`${entry.name}@${version}: ${error.message}`)
      : error
  }
}

/** Throws UsageError where the graph lacks an input or output that its bundle names. */
export function checkGraph(name: string, bundle: Bundle, session: Session): void {
  const lacking = bundle.inputs.find(input => !session.inputs.includes(input.name))?.name
  const missing = bundle.heads.find(({ output }) => !session.outputs.includes(output))?.output
  if (lacking !== undefined || missing !== undefined)
    throw new UsageError(
      `${name}: its graph has no ${lacking ?? missing}; bundle.json and model.onnx do not ` +
        'belong together',
    )
}
