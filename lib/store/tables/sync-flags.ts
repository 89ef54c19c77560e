import { bool, bytes, file, int, type Values } from '../../base/flags.ts'
import { memory } from '../duck/memory-flag.ts'

/** Flags of `sync`. */
export const syncFlags = {
  rebuild: bool(
    'make the database anew from journals and their archives, and nothing of the old one',
  ),
  rejects: file('where lines go that were refused or contradict known ones: a file to append to'),
  piece: bytes('how much of a journal is loaded at a time', { default: '64MB' }),
  memory,
  retain: int('days of journal to keep', { default: 90, min: 3, max: 100_000 }),
}
export type SyncFlags = Values<typeof syncFlags>
