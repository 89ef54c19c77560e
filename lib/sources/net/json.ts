import { isUtf8 } from 'node:buffer'
import { DataError, show } from '../../base/errors.ts'

/** A string or a number of JSON. Strings are matched as wholes, so that digits in them stay. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs
/** Too long to be exact as a double. */
const LONG_WHOLE = /^-?\d{16,}$/

/**
 * Parses JSON from outside. Whole numbers of 16 digits and more become strings: as numbers they
 * would be rounded (raw token amounts pass 2^53). Throws a DataError for bytes that are not UTF-8
 * or not JSON.
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new DataError('not UTF-8')
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(/\d{16}/.test(text) ? quoteLong(text) : text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new DataError(`not JSON: ${show(text.slice(0, 80), 60)}`)
  }
}

const quoteLong = (text: string): string =>
  text.replace(TOKEN, found => (LONG_WHOLE.test(found) ? `"${found}"` : found))
