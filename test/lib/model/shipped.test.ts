import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Bundle, goneFeature } from '../../../lib/model/bundle.ts'
import { cardText } from '../../../lib/model/card.ts'
import { readBundle } from '../../../lib/model/files.ts'
import { listModels, shippedModels } from '../../../lib/model/registry.ts'
import { verifyBundle } from '../../../lib/model/verify.ts'

const models = listModels([shippedModels()])

/** It says that it is an example, or it beats single features and base rate in several periods. */
function isHonest({ metrics, example }: Bundle): boolean {
  if (example !== undefined) return true
  const periods = [...new Set(metrics.map(({ part }) => part))].filter(part => /^period/.test(part))
  const of = (part: string, is: (name: string) => boolean): number[] =>
    metrics.filter(each => each.part === part && is(each.name)).map(({ value }) => value)
  const wins = (part: string): boolean => {
    const own = of(part, name => name === 'auc')[0] ?? 0
    const singles = of(part, name => name.startsWith('auc of '))
    const skill = of(part, name => name === 'brierSkill')[0] ?? 0
    return singles.length > 0 && own > Math.max(...singles) && skill > 0
  }
  return periods.length >= 3 && periods.every(wins)
}

test('there are shipped models, together below 30 MB, and aliases name versions that exist', () => {
  assert.ok(models.size > 0)
  let bytes = 0
  for (const { dir, versions, aliases } of models.values()) {
    for (const version of Object.values(aliases)) assert.ok(versions.includes(version))
    for (const version of versions) bytes += readBundle(join(dir, version)).bundle.model.bytes
  }
  assert.ok(bytes < 30 * 2 ** 20)
})

for (const { name, dir, versions } of models.values()) {
  for (const version of versions) {
    test(
      `${name}@${version} computes here what it computed when it was made, its features exist, ` +
        'its card is its own',
      async () => {
        const loaded = readBundle(join(dir, version))
        assert.ok((await verifyBundle(loaded)) < 1e-6)
        assert.equal(goneFeature(loaded.bundle), undefined)
        const card = readFileSync(join(dir, version, 'CARD.md'), 'utf8')
        assert.equal(card, cardText(loaded.bundle))
        const { example } = loaded.bundle
        if (example !== undefined) assert.equal(card.split('\n')[0], `**Example only: ${example}**`)
        // An honest card: metrics of rows that the training never saw, with intervals, and what it
        // must not be used for.
        assert.ok(
          loaded.bundle.metrics.some(metric => metric.part === 'test' && metric.low !== undefined),
        )
        assert.ok(loaded.bundle.notes.length > 0)
        assert.ok(loaded.bundle.mostUnknown !== undefined)
        assert.equal(isHonest(loaded.bundle), true)
      },
    )
  }
}
