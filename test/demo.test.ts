import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeHome, sh } from './kit/proc.ts'

test('the demo needs only sluice on PATH, keeps to its disk, and ends in few plain words', {
  timeout: 400_000,
}, async t => {
  const home = makeHome(t)
  // A folder that is not the repository, as of an installed package.
  const run = await sh(
    'cp -r pipelines $SLUICE_HOME/package; cd $SLUICE_HOME; unset SLUICE_HOME; package/demo.sh ' +
      'here; du -sk here',
    { home, timeoutMs: 390_000 },
  )
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stderr, /^A simulated market.* a minute .* MB of disk/)
  const lines = run.stdout.trimEnd().split('\n')
  const kilobytes = Number.parseInt(lines.pop()!, 10)
  assert.ok(kilobytes < 60 * 1024, `${kilobytes} KB are left`)
  assert.ok(kilobytes < 20 * 1024, 'more is left than it says at first')
  assert.ok(lines.length <= 25, `${lines.length} lines`)
  for (const title of [
    'What was traded',
    'What it cost',
    'Why it lost|Where the profit came from',
    'What choosing by models was worth',
    'Where to look next',
  ])
    assert.ok(
      lines.some(line => new RegExp(`^(${title})$`).test(line)),
      title,
    )
  for (const file of ['trades.ndjson', 'labels.ndjson.gz', 'report.html', 'calibration.txt'])
    assert.ok(existsSync(`${home}/here/${file}`), file)
  assert.match(readFileSync(`${home}/here/calibration.txt`, 'utf8'), /said, and what happened/)
  // Somebody else's folder is never emptied.
  const other = await sh('mkdir $SLUICE_HOME/mine; pipelines/demo.sh $SLUICE_HOME/mine', { home })
  assert.equal(other.code, 2)
  assert.match(other.stderr, /name another folder/)
})
