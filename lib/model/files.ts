import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { replaceFile, syncFolder } from '../base/atomic-write.ts'
import { messageOf, show, UsageError } from '../base/errors.ts'
import { encode } from '../stream/encode.ts'
import { type Bundle, isName, parseBundle } from './bundle.ts'

/** Hex sha256. */
export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex')

/** A bundle and the verified bytes of its model. */
export interface LoadedBundle {
  dir: string
  bundle: Bundle
  model: Uint8Array
}

/** Beside a bundle, as `sha256sum --check` reads it. Bundles of others need none. */
const SUMS = 'SHA256SUMS'

/**
 * Reads `dir`/bundle.json only. Throws UsageError when it is absent or does not fit, or not what
 * the checksums beside it are of.
 */
export function readManifest(dir: string): Bundle {
  const path = join(dir, 'bundle.json')
  const bytes = read(path)
  const sums = join(dir, SUMS)
  if (existsSync(sums)) {
    const said = /^([0-9a-f]{64}) [ *]bundle\.json$/m.exec(read(sums).toString('latin1'))?.[1]
    if (said !== sha256(bytes))
      throw new UsageError(
        `${path}: it is not as it was written (${SUMS} beside it says so); copy the bundle ` +
          `again, or remove ${SUMS} if you changed it yourself`,
      )
  }
  return parseBundle(bytes.toString('utf8'), path)
}

/**
 * Reads a bundle and its model. Throws UsageError when a file is absent or the model is not the one
 * that was measured.
 */
export function readBundle(dir: string): LoadedBundle {
  const bundle = readManifest(dir)
  const path = join(dir, bundle.model.file)
  const model = read(path)
  const found = sha256(model)
  if (found !== bundle.model.sha256)
    throw new UsageError(
      `${path}: hash ${found.slice(0, 12)} is not the ${bundle.model.sha256.slice(0, 12)} of ` +
        'its bundle.json; copy the bundle again or train it anew',
    )
  return { dir, bundle, model }
}

/**
 * Writes a bundle folder as one step: the files are synced in a folder beside it, which is then
 * renamed. `card` is the text of CARD.md. Throws UsageError when the version exists: versions are
 * never overwritten.
 */
export function writeBundle(dir: string, bundle: Bundle, model: Uint8Array, card: string): void {
  mustBeNew(dir)
  const text = `${JSON.stringify(bundle, null, 1)}\n`
  // What could not be read again is not written.
  parseBundle(text, join(dir, 'bundle.json'))
  const temporary = join(dirname(dir), `.${basename(dir)}.${process.pid}.tmp`)
  mkdirSync(temporary, { recursive: true })
  try {
    replaceFile(join(temporary, bundle.model.file), model)
    replaceFile(join(temporary, 'bundle.json'), text)
    replaceFile(join(temporary, 'CARD.md'), card)
    const files = { 'bundle.json': text, [bundle.model.file]: model, 'CARD.md': card }
    const sums = Object.entries(files).map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
    replaceFile(join(temporary, SUMS), sums.join(''))
    renameSync(temporary, dir)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
  syncFolder(dirname(dir))
}

/**
 * Throws UsageError when there is a version at `dir` or its last two parts are no name and version:
 * to be asked before work begins as well as when it is kept.
 */
export function mustBeNew(dir: string): void {
  const odd = [dirname(resolve(dir)), resolve(dir)]
    .map(path => basename(path))
    .find(part => !isName(part))
  if (odd !== undefined)
    throw new UsageError(
      `${dir}: ${show(odd)} is no name of a model; models/NAME/VERSION of letters, digits, . ` +
        '_ and -',
    )
  if (existsSync(dir))
    throw new UsageError(`${dir} exists; versions are never overwritten, choose another`)
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
}

/** The line that a command prints when it has written a bundle into a folder. */
export function bundleLine(bundle: Bundle, dir: string | undefined): string {
  const { name, version, model } = bundle
  return `${encode({ bundle: { name, version, dir, sha256: model.sha256, bytes: model.bytes } })}\n`
}
