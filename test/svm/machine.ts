import { messageOf } from '../../lib/base/errors.ts'

/**
 * Why tests on the virtual machine cannot run here, or false. Its native module exists for some
 * platforms only.
 */
export const skip: string | false = await import('litesvm').then(
  () => false,
  error => `no litesvm on ${process.platform}-${process.arch}: ${messageOf(error).split('\n')[0]}`,
)
