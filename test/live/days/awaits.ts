/**
 * Where a process may die: each `await` of the code under test, numbered by whoever compiled it
 * (see `compile.ts`). Without that nothing is told, and nothing dies here.
 */
export interface Awaits {
  /** About to wait for a value. */
  enter<T>(site: number, value: T): T
  /** The value has come. */
  leave<T>(site: number, value: T): T
}

const SILENT: Awaits = { enter: (_, value) => value, leave: (_, value) => value }

declare global {
  var __awaits: Awaits
}
globalThis.__awaits = SILENT

/** Listens to every await until the next call; without a listener nobody does. */
export function listenToAwaits(listener: Awaits = SILENT): void {
  globalThis.__awaits = listener
}
