import { bytes } from '../../base/flags.ts'

/** Of every command that opens the database engine. */
export const memory = bytes('memory for the database engine', { default: '1GB' })

/** Bytes as the engine takes them. */
export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)}MiB`
