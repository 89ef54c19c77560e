import { bool, bytes, duration, file, grouped, int, list, type Values } from '../../base/flags.ts'
import { writingFlags } from '../../table/time-flags.ts'

/** Flags of `query`. */
export const queryFlags = {
  tail: bool('also lines that are not in the database yet'),
  file: file('file to query as “input”: .parquet, .csv, .tsv, else NDJSON (.gz and .zst too)'),
  allow: list('folders whose data files SQL may name too', { value: 'DIR' }),
  ...grouped('How text tables are written', writingFlags),
  ...grouped('Bounds', {
    memory: bytes('memory for the engine (default: a quarter of the machine, at most 2GB)'),
    threads: int('threads of the engine', { default: 2, min: 1, max: 256 }),
    tempDisk: bytes('disk for what does not fit into memory, and for standard input', {
      default: '4GB',
    }),
    timeLimit: duration('longest time of computing', { default: '30s', min: '1ms', max: '20d' }),
  }),
}
export type QueryFlags = Values<typeof queryFlags>
