import { map, maybe, name, oneOf } from './kit.ts'

/** The sides of `gate --split`: what production says, or the versions on trial. */
export const ARMS = ['champion', 'challenger'] as const
export type Arm = (typeof ARMS)[number]

/** What a decision under --split, and all that comes of it, says of its side. */
export const armFields = {
  arm: maybe(oneOf('side of --split that decided', ARMS)),
  versions: maybe(map('version that it went by of each model on trial', name('bundle version'))),
}
