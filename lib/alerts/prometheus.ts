/** One metric: its type, its sentence, and its samples as [labels, value]. */
export interface Metric {
  name: string
  type: 'counter' | 'gauge' | 'summary'
  help: string
  samples: readonly (readonly [
    labels: Record<string, string>,
    value: number,
    suffix?: '_sum' | '_count',
  ])[]
}

/** The text exposition format 0.0.4 of Prometheus: HELP, TYPE, then one line per sample. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(
        ([labels, value, suffix = '']) => `${name}${suffix}${labelsText(labels)} ${value}\n`,
      )
      return (
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ` +
        `${name} ${type}\n${lines.join('')}`
      )
    })
    .join('')
}

function labelsText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
