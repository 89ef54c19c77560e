/**
 * Ends a stream quietly when the signal fires: being told to stop is not an error, and a record cut
 * off by it not torn.
 */
export async function* untilStopped<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  try {
    for await (const item of items) {
      if (signal.aborted) return
      yield item
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
}
