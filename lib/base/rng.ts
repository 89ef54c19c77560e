/** Seeded random numbers: same seed, same sequence, on every machine. */
export interface Rng {
  /** Uniform in [0, 1) with 32 bits. */
  next(): number
  /** Whole number in [0, n). */
  below(n: number): number
  /** Standard normal (Box–Muller, one value per call). */
  normal(): number
  /** Exponential with the given mean. */
  exponential(mean: number): number
  /**
   * An independent sequence derived from a name, so that adding a consumer does not shift the
   * others.
   */
  fork(name: string): Rng
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): 128-bit state, passes BigCrush. Seeded by xmur3 of the
 * text.
 */
export function makeRng(seed: string | number): Rng {
  const hash = xmur3(String(seed))
  let [a, b, c, d] = [hash(), hash(), hash(), hash()]
  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) word()
  const next = (): number => word() / 4294967296
  return {
    next,
    below: n => Math.floor(next() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: mean => -mean * Math.log(1 - next()),
    fork: name => makeRng(`${seed}/${name}`),
  }
}

/** String hash of bryc's public-domain collection, used to spread a text seed over the state. */
function xmur3(text: string): () => number {
  let h = 1779033703 ^ text.length
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353)
    h = (h << 13) | (h >>> 19)
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507)
    h = Math.imul(h ^ (h >>> 13), 3266489909)
    return (h ^= h >>> 16) >>> 0
  }
}
