/** A run of a model that gave no numbers; `error` is what the lines say. The stream goes on. */
export class Unanswered extends Error {
  readonly error: 'timeout' | 'no-worker' | 'failed'
  constructor(error: Unanswered['error'], reason: string) {
    super(reason)
    this.error = error
  }
}
