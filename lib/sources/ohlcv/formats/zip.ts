import { DataError, show } from '../../../base/errors.ts'
import { entriesOf, inflated } from '../../../base/zip-archive.ts'

const TABLE = /\.(csv|tsv|txt|json|ndjson|jsonl)$/i

/**
 * The one table in a .zip, as exchanges publish them: bounded in size
 * and ratio; names in the archive name nothing on this machine. Throws a DataError for an archive
 * without a table or with several, encrypted, broken, or that unpacks beyond the bounds.
 */
export function unzipped(archive: Buffer): Buffer {
  const entries = entriesOf(archive)
  const names = entries.map(({ name }) => name)
  if (names.some(name => name.startsWith('xl/')))
    throw new DataError('no table that is read here: an Excel workbook: save it as CSV')
  const tables = entries.filter(({ name }) => TABLE.test(name) && !name.startsWith('__MACOSX/'))
  const [entry] = tables
  if (entry === undefined || tables.length > 1)
    throw new DataError(
      `an archive of ${names.length} files, ${tables.length} of them tables: ` +
        `${show(names.slice(0, 5).join(', '), 120)}; unpack it and name the files`,
    )
  return inflated(archive, entry)
}
