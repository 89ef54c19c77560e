import type { Line } from '../stream/line.ts'
import type { Source } from '../stream/step.ts'
import type { SourceKind } from './source.ts'
import { describeSources } from './sources.ts'

/**
 * The sources, and the providers of the live one, as rows for people and jq. They are not records:
 * no envelope, nothing for a step to read.
 */
export function listing(sources: readonly SourceKind[]): Source {
  return {
    async *lines() {
      const { describeProviders } = await import('./describe-live.ts')
      yield [...describeSources(sources), ...describeProviders()].map(
        row => ({ raw: JSON.stringify(row), rec: row, checked: undefined, no: 0 }) as never as Line,
      )
    },
  }
}
