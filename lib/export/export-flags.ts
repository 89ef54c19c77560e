import { bool, duration, file, list, num, type Values } from '../base/flags.ts'
import { memory } from '../store/duck/memory-flag.ts'

/** Flags of `train-export`. */
export const exportFlags = {
  out: file('folder to write', { value: 'DIR' }),
  horizons: list('horizons wanted (default: all)'),
  train: num('share of rows for training, by time', { default: 0.7, min: 0.01, max: 0.98 }),
  valid: num('share of rows for validation; the rest is test', {
    default: 0.15,
    min: 0.01,
    max: 0.98,
  }),
  embargo: duration('time between the last label of a split and the next split', {
    default: '0',
    max: '90d',
  }),
  mintDisjoint: bool('keep each mint in one split', { default: true }),
  tensors: bool('also tensors, as lists of 32-bit floats'),
  trust: list('features that may be as close to a label as they are: somebody has looked', {
    value: 'SET.FEATURE,…',
  }),
  check: bool('only run the leak check on the export in --out; reads no lines'),
  memory,
}
export type ExportFlags = Values<typeof exportFlags>
