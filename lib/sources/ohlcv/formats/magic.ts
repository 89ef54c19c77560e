/** What the first bytes of a file say that it is; what is not read is named all the same. */
type Kind = 'arrow' | 'json' | 'parquet' | 'text' | 'utf16' | 'zip' | { unread: string }

const bytes = (...codes: number[]): Buffer => Buffer.from(codes)

/** First bytes by their published formats, and what a user can do about each. */
const UNREAD: readonly [Buffer, string][] = [
  [
    Buffer.from('SQLite format 3\0'),
    'an SQLite database: --source snapshots reads one of pools; else export its tables as CSV',
  ],
  [Buffer.from('FEA1'), 'Feather of version 1: write it anew with pandas to_feather'],
  [bytes(0x89, 0x48, 0x44, 0x46), 'HDF5: export it as Parquet, Feather or CSV'],
  [bytes(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59), 'an array of NumPy: export it as CSV or Parquet'],
  [bytes(0xd0, 0xcf, 0x11, 0xe0), 'an Excel workbook: save it as CSV'],
  [bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a), 'packed with xz: unpack it first'],
  [bytes(0x37, 0x7a, 0xbc, 0xaf), 'a 7z archive: unpack it first'],
  [Buffer.from('BZh'), 'packed with bzip2: unpack it first'],
  [Buffer.from('Rar!'), 'a RAR archive: unpack it first'],
  [Buffer.from('Obj\u0001'), 'Avro: export it as Parquet'],
  [Buffer.from('ORC'), 'ORC: export it as Parquet'],
  [bytes(0x28, 0xb5, 0x2f, 0xfd), 'packed with zstd twice: unpack it first'],
  [bytes(0x1f, 0x8b), 'packed with gzip twice: unpack it first'],
]

/** Tells the format of a file by its first bytes (64 or more, where it has them). */
export function kindOf(head: Buffer): Kind {
  const begins = (word: Buffer | string): boolean =>
    head.subarray(0, word.length).equals(Buffer.from(word))
  if (begins('PAR1')) return 'parquet'
  // A file, and a stream, of Arrow IPC.
  if (begins('ARROW1') || begins(bytes(0xff, 0xff, 0xff, 0xff))) return 'arrow'
  if (begins(bytes(0x50, 0x4b, 3, 4))) return 'zip'
  if (begins(bytes(0xff, 0xfe))) return 'utf16'
  const known = UNREAD.find(([word]) => begins(word))
  if (known !== undefined) return { unread: known[1] }
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 && head.includes(0))
    return { unread: 'a pickle of Python, which could run anything: export it as CSV or Parquet' }
  const start = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
  if (head.includes(0)) return { unread: `binary, beginning with ${head.toString('hex', 0, 8)}` }
  if (/^<(!doctype|html|\?xml)/i.test(start))
    return { unread: 'a web page or XML: save the data itself' }
  return /^[[{]/.test(start) ? 'json' : 'text'
}
