import type { Rng } from '../../../base/rng.ts'

/**
 * Addresses and names that look like real ones and are nobody's. A base58 text of 43 digits whose
 * first is at least the sixth digit always decodes to 32 bytes, one of 87 digits whose first is at
 * least the third to 64 bytes.
 */
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** An address of 32 bytes; pump.fun's mints end in “pump”. */
export const address = (rng: Rng, suffix = ''): string =>
  digits(rng, 43 - suffix.length, 5) + suffix

/** A transaction signature of 64 bytes. */
export const signature = (rng: Rng): string => digits(rng, 87, 2)

function digits(rng: Rng, length: number, least: number): string {
  let text = BASE58[least + rng.below(58 - least)]!
  while (text.length < length) {
    let word = Math.floor(rng.next() * 4294967296)
    for (let i = 0; i < 5 && text.length < length; i++) {
      text += BASE58[word % 58]
      word = Math.floor(word / 58)
    }
  }
  return text
}

const FIRST = (
  'Moon Turbo Based Giga Tiny Sleepy Golden Cyber Lucky Grumpy Neon Royal Mega Pixel ' +
  'Cosmic Salty'
).split(' ')
const SECOND = (
  'Cat Dog Frog Whale Pepper Goat Robot Wizard Panda Hamster Turtle Rocket Banana Cactus ' +
  'Duck Raccoon Moose Toast'
).split(' ')

/** Name, ticker and a description for a token. */
export function title(rng: Rng): { name: string; symbol: string; description: string } {
  const first = FIRST[rng.below(FIRST.length)]!
  const second = SECOND[rng.below(SECOND.length)]!
  const symbol = (rng.next() < 0.5 ? second : first.slice(0, 1) + second).toUpperCase()
  return {
    name: `${first} ${second}`,
    symbol,
    description: `The ${first.toLowerCase()} ${second.toLowerCase()}.`,
  }
}
