import { DataError, show } from '../../../base/errors.ts'
import { listTable } from './json-lists.ts'
import { inBatches, type PriceTable, type RawRow } from './price-table.ts'

type Doc = Record<string, unknown>
const isObject = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** Told by the first item that is there: a null is a bad row, wherever it stands. */
const isListOf = (value: unknown, test: (item: unknown) => boolean): value is unknown[] =>
  Array.isArray(value) && value.some(item => item !== null) && test(firstOf(value))
const firstOf = (list: readonly unknown[]): unknown => list.find(item => item !== null)

/** Parts nested deeper hold no list of bars in any body that was seen. */
const DEPTH = 4

/**
 * Bars of a JSON document: lists of lists (freqtrade, CCXT, klines of exchanges, GeckoTerminal),
 * lists of objects (Birdeye), objects of lists (TradingView, Finnhub), or an object per line.
 * Throws a DataError for other documents, naming what an API answered instead of bars.
 */
export function jsonTable(bytes: Buffer): PriceTable {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  const doc = parsed(text)
  if (doc === undefined) return lineTable(text)
  const found = search(doc, DEPTH)
  if (found === undefined) throw new DataError(`JSON without bars: ${contentOf(doc)}`)
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    // A line of its own each: told apart from one broken document by its first line.
    const [first = '', second = ''] = text.trimStart().split('\n', 2)
    if (second.trim() !== '' && isWhole(first)) return undefined
    throw new DataError(`broken JSON: ${show((error as Error).message, 100)}`)
  }
}

function isWhole(line: string): boolean {
  try {
    return isObject(JSON.parse(line))
  } catch {
    return false
  }
}

function search(doc: unknown, depth: number): PriceTable | undefined {
  if (isListOf(doc, item => Array.isArray(item) && item.length >= 6))
    return listTable(doc as unknown[][], {})
  if (isListOf(doc, item => isObject(item) && isBar(item))) return objectTable(doc as Doc[])
  if (!isObject(doc) || depth === 0) return undefined
  const columns = columnTable(doc)
  if (columns !== undefined) return columns
  const gecko = geckoTable(doc)
  if (gecko !== undefined) return gecko
  for (const part of Object.values(doc)) {
    const found = search(part, depth - 1)
    if (found !== undefined) return found
  }
  return undefined
}

const hasAny = (item: Doc, words: readonly string[]): boolean =>
  Object.keys(item).some(key => words.includes(key.toLowerCase()))

/** An object with prices of a bar under any of their usual names. */
const isBar = (item: Doc): boolean =>
  hasAny(item, ['o', 'open']) && hasAny(item, ['h', 'high']) && hasAny(item, ['c', 'close'])

/** GeckoTerminal counts volume in dollars and names the token in `meta`. */
function geckoTable(doc: Doc): PriceTable | undefined {
  const attributes = isObject(doc.data) ? doc.data.attributes : undefined
  const list = isObject(attributes) ? attributes.ohlcv_list : undefined
  if (!isListOf(list, item => Array.isArray(item))) return undefined
  const base = isObject(doc.meta) && isObject(doc.meta.base) ? doc.meta.base.address : undefined
  const symbol = typeof base === 'string' ? base : undefined
  return listTable(list as unknown[][], { name: 'GeckoTerminal', symbol, inMoney: true })
}

/** `{t: […], o: […], …}`, as charts are fed. */
function columnTable(doc: Doc): PriceTable | undefined {
  const names = ['t', 'o', 'h', 'l', 'c', 'v']
  const lists = names.map(name => doc[name])
  if (!lists.every(list => Array.isArray(list))) return undefined
  const rows = (lists[0] as unknown[]).map((_, i) => lists.map(list => (list as unknown[])[i]))
  return listTable(rows, { name: 'chart' })
}

/** A list of objects: their keys are the columns, whichever of them the first one has. */
function objectTable(items: readonly Doc[]): PriceTable {
  const header = [...new Set(items.flatMap(item => (isObject(item) ? Object.keys(item) : [])))]
  const first = items.find(isObject) ?? {}
  const isBirdeye = 'o' in first && ('unixTime' in first || 'unix_time' in first)
  const isUsd = isBirdeye && first.currency === 'usd'
  const cells = (item: Doc): string[] => header.map(name => cellOf(item[name]))
  const rows = function* (): Generator<RawRow> {
    for (const [i, item] of items.entries())
      yield {
        no: i + 1,
        raw: JSON.stringify(item),
        fields: isObject(item) ? cells(item) : [],
      }
  }
  return {
    format: `${isBirdeye ? 'Birdeye' : 'objects'} JSON`,
    header,
    first: cells(first),
    currency: isUsd ? 'usd' : undefined,
    rows: inBatches(rows()),
  }
}

function lineTable(text: string): PriceTable {
  const items = text
    .split('\n')
    .map((raw, i) => ({ raw, no: i + 1 }))
    .filter(({ raw }) => raw.trim() !== '')
  const docs = items.map(({ raw, no }) => lineOf(raw, no))
  if (docs.some(doc => 'kind' in doc && 'id' in doc && 'ts' in doc))
    throw new DataError('lines of sluice, no price table: read them with --source replay')
  return { ...objectTable(docs), format: 'NDJSON' }
}

function lineOf(raw: string, line: number): Doc {
  try {
    const doc: unknown = JSON.parse(raw)
    if (isObject(doc)) return doc
  } catch {
    // Named below as whatever else is no object.
  }
  throw new DataError(`expected a JSON object, got ${show(raw)}`, { line })
}

const cellOf = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)

/** What an API said instead of bars, or the keys of the document. */
function contentOf(doc: unknown): string {
  if (Array.isArray(doc))
    return doc.length === 0 ? 'an empty list' : `a list of ${show(doc[0], 80)}`
  if (!isObject(doc)) return show(doc)
  const said = [doc.message, doc.msg, doc.error, doc.errmsg, doc.status, doc.errors].find(Boolean)
  return said === undefined ? `the keys ${show(Object.keys(doc).join(', '), 120)}` : show(said, 120)
}
