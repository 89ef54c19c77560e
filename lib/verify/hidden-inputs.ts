/** Names of what a pure function may not ask: each answers otherwise the next time. */
interface HiddenInputs {
  /** Those that were asked since the watch began, in order. */
  asked(): readonly string[]
  /** Puts everything back. */
  end(): void
}

/**
 * Watches clock and chance: from now on every call of `Date.now`, `new Date()`, `Math.random`,
 * `performance.now` and the random values of `crypto` is written down, and answered as ever.
 */
export function watchHiddenInputs(): HiddenInputs {
  const asked = new Set<string>()
  const undo: (() => void)[] = []
  const watch = (owner: object, of: string, key: string): void => {
    const target = owner as Record<string, (...given: unknown[]) => unknown>
    const before = target[key]!
    const own = Object.getOwnPropertyDescriptor(owner, key)
    const value = (...given: unknown[]): unknown => {
      asked.add(`${of}.${key}`)
      return before.apply(owner, given)
    }
    Object.defineProperty(owner, key, { value, configurable: true, writable: true })
    undo.push(() => {
      if (own === undefined) delete target[key]
      else Object.defineProperty(owner, key, own)
    })
  }
  watch(Date, 'Date', 'now')
  watch(Math, 'Math', 'random')
  watch(performance, 'performance', 'now')
  watch(crypto, 'crypto', 'randomUUID')
  watch(crypto, 'crypto', 'getRandomValues')
  const { Date: before } = globalThis
  const note = (given: readonly unknown[]): void => {
    if (given.length === 0) asked.add('new Date()')
  }
  globalThis.Date = new Proxy(before, {
    construct(target, given, self) {
      note(given)
      return Reflect.construct(target, given, self)
    },
    apply(target, self, given) {
      note([])
      return Reflect.apply(target, self, given)
    },
  })
  return {
    asked: () => [...asked],
    end() {
      globalThis.Date = before
      for (const each of undo.reverse()) each()
    },
  }
}
