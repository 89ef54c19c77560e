import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makeHome, sh } from './kit/proc.ts'

/**
 * A home as the version of November 2026 left it: 90 lines of the simulator collected and traded on
 * paper, labelled and synced; the figures below are what that version's own commands told of it.
 */
const OLD = fileURLToPath(new URL('lib/store/home-2026-11.tar.gz', import.meta.url))
const THEN = { decisions: 31, features: 58, labels: 11, ledgerLines: 91 }

const COUNTS =
  'select (select count(*) from decisions)::int as decisions, ' +
  '(select count(*) from features)::int as features, (select count(*) from ml_labels)::int as ' +
  'labels'

test('a home of an older version is read, elsewhere than it was, and gone on with', {
  timeout: 120_000,
}, async t => {
  const home = makeHome(t)
  const env = { SLUICE_JOURNAL_MIN_FREE: '1MB' }
  const run = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await sh(line, { home, env })
    assert.equal(code, 0, `${line}: ${stderr}`)
    return stdout
  }
  await run(`tar xzf ${OLD} -C $SLUICE_HOME`)
  const { ledgerLines, ...tables } = THEN
  assert.deepEqual(JSON.parse(await run(`sluice query "${COUNTS}"`)), tables)
  const ledger = await run('sluice ledger show --format ndjson')
  assert.match(ledger, new RegExp(`"of":"ledger".*"lines":${ledgerLines}}`))
  assert.match(await run('pipelines/sync.sh'), /"lines":0,"refused":0/)
  assert.match(await run('pipelines/status.sh'), /"what":"pipeline","name":"old"/)
  assert.match(await run('pipelines/report.sh'), /made a profit after all costs/)
  assert.match(await run('sluice config execute --changed'), /"setting":"stopLoss","value":0.15/)

  // The states of what was labelled and of the ledger are taken up; that of features is told of.
  const more = 'sluice discover --source journal events --quiet | sluice features --sets pool'
  assert.doesNotMatch(await run(`${more} 2>&1 > /dev/null`), /late/)
  const resumed = `${more} --state $SLUICE_HOME/collect 2>&1 > /dev/null`
  assert.match(await run(resumed), /of an older version: set aside as .*features\.ndjson\.v\d;/)
  const known = await run(resumed)
  // The input begins anew, hours before where the state ends: so a state was there.
  assert.match(known, /late [1-9]|time was set back [1-9]/, 'the new state is taken up')
  await run('pipelines/label.sh')
  const again = await run(
    'cat $SLUICE_HOME/journal/decisions/*.ndjson | sluice execute --ledger home --quiet',
  )
  assert.doesNotMatch(again, /"state":"planned"/, 'what was traded then is not traded again')
  await run('pipelines/sync.sh')
  const after = JSON.parse(await run(`sluice query "${COUNTS}"`)) as typeof tables
  assert.equal(after.decisions, tables.decisions)
  assert.ok(after.labels >= tables.labels)
})
