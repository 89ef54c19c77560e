import { SET_NAMES, SETS } from '../../features/sets.ts'

/**
 * One table per feature set: every feature in vector order with unit, definition, warm-up and
 * source.
 */
export async function featureReference(): Promise<string> {
  const sections = SET_NAMES.map(name => {
    const { features, kinds, scope, ready, hash } = SETS[name]
    const rows = features.map(
      feature =>
        `| \`${feature.name}@${feature.version}\` | ${feature.unit} | ` +
        `${feature.definition.replaceAll('|', '\\|')} | ${feature.warmup} | ` +
        `${feature.source} |`,
    )
    const head = '| feature | unit | definition | warm-up | from |\n|---|---|---|---|---|'
    return (
      `### set ${name}\n\nOn ${kinds.join(' and ')} lines, from lines of ` +
      `${scope === 'mint' ? 'the same token' : 'all tokens'}. ` +
      `${ready === undefined ? '' : `Ready with ${ready}. `}` +
      `Hash \`${hash}\`.\n\n${head}\n${rows.join('\n')}`
    )
  })
  return `${sections.join('\n\n')}\n\n`
}
