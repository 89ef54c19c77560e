import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { goneFeature } from '../../../lib/model/bundle.ts'
import { cardText } from '../../../lib/model/card.ts'
import { readBundle } from '../../../lib/model/files.ts'
import { listModels, shippedModels } from '../../../lib/model/registry.ts'
import { verifyBundle } from '../../../lib/model/verify.ts'

const models = listModels([shippedModels()])

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
        assert.equal(readFileSync(join(dir, version, 'CARD.md'), 'utf8'), cardText(loaded.bundle))
        // An honest card: metrics of rows that the training never saw, with intervals, and what it
        // must not be used for.
        assert.ok(
          loaded.bundle.metrics.some(metric => metric.part === 'test' && metric.low !== undefined),
        )
        assert.ok(loaded.bundle.notes.length > 0)
      },
    )
  }
}
