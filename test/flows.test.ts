import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cp, rename } from 'node:fs/promises'
import { test } from 'node:test'
import { type Done, makeHome, sh } from './kit/proc.ts'

/** Few tokens, lines a minute apart: a market of some 10,000 lines a day. */
const MARKET = '--source sim --seed flows --tokens-per-hour 8 --snapshot 60s --tick 60s'
const env = { SLUICE_JOURNAL_MIN_FREE: '1MB' }

const flow =
  (home: string) =>
  (line: string, more: Record<string, string> = {}): Promise<Done> =>
    sh(`pipelines/${line}`, { home, env: { ...env, ...more }, timeoutMs: 120_000 })

/** Runs a flow that must succeed. */
const good =
  (home: string) =>
  async (line: string, more: Record<string, string> = {}): Promise<string> => {
    const { code, stdout, stderr } = await flow(home)(line, more)
    assert.equal(code, 0, `${line}: ${stderr}`)
    return stdout
  }

const linesIn = (home: string, journal: string): number => {
  const dir = `${home}/journal/${journal}`
  const days = existsSync(dir) ? readdirSync(dir).filter(name => name.endsWith('.ndjson')) : []
  return days.reduce(
    (n, day) => n + readFileSync(`${dir}/${day}`, 'utf8').split('\n').length - 1,
    0,
  )
}
const aliases = (home: string): Record<string, string> =>
  JSON.parse(readFileSync(`${home}/models/moon/aliases.json`, 'utf8'))

/**
 * A bot over a market that ends: it is stopped when it has decided on every line that it has seen.
 */
const PAPER = `
rm -f $SLUICE_HOME/keep/$BOT-watch.json
pipelines/live-paper.sh $BOT $MARKET & bot=$!
for i in $(seq 400); do
  sleep 0.2
  grep -q '"state":"stopped"' $SLUICE_HOME/keep/$BOT-watch.json 2> /dev/null || continue
  [ "$(cat $SLUICE_HOME/journal/$BOT-events/*.ndjson | wc -l)" = \\
    "$(cat $SLUICE_HOME/journal/$BOT-decisions/*.ndjson | wc -l)" ] && break
done
kill $bot; wait $bot`
const paper = (home: string, bot: string, market: string): Promise<Done> =>
  sh(PAPER, { home, env: { ...env, BOT: bot, MARKET: market }, timeoutMs: 120_000 })

test('from an empty home over the first model and paper to a rollback, and on in another place', {
  timeout: 300_000,
}, async t => {
  const home = makeHome(t)
  const [run, must] = [flow(home), good(home)]
  for (const [line, code] of [
    ['label.sh', 4],
    ['learn.sh', 4],
    ['quality.sh', 4],
    ['report.sh', 4],
    ['backtest.sh', 2],
    ['status.sh', 0],
  ] as const)
    assert.equal((await run(line)).code, code, `${line} in an empty home`)

  await must(`collect.sh ${MARKET} --days 0.2 --state ${home}/market`)
  await must('label.sh')
  // No token is a day old yet: that is said, and stops nothing else.
  const recipes = { rug: { horizons: ['h24'] }, moon: { minRows: 100 } }
  for (const [name, recipe] of Object.entries(recipes)) {
    mkdirSync(`${home}/models/${name}`, { recursive: true })
    writeFileSync(`${home}/models/${name}/recipe.json`, JSON.stringify(recipe))
  }
  const models = 'first-model.sh rug moon'
  const first = await run(models)
  assert.match(first.stderr, /rug: 0 of 1,000 labelled rows, both classes needed$/m)
  assert.equal(first.code, 4, first.stderr)
  const { production: made = '' } = aliases(home)
  assert.match(made, /^\d{4}-\d\d-\d\d\.1$/)
  const again = await run(models)
  assert.equal(again.code, 4)
  assert.match(again.stderr, /there is a model moon already/)

  // Two bots, each from its own start of the same market.
  const bots = ['alpha', 'beta']
  const done = await Promise.all(
    bots.map((bot, i) => paper(home, bot, `${MARKET} --days 0.${1 + i} --state ${home}/${bot}`)),
  )
  for (const { code, stderr } of done) assert.equal(code, 143, stderr)
  const counts = bots.map(bot => linesIn(home, `${bot}-decisions`))
  assert.ok(counts[0]! > 500 && counts[1]! > counts[0]! * 1.3, String(counts))
  for (const bot of bots)
    assert.equal(linesIn(home, `${bot}-events`), linesIn(home, `${bot}-decisions`))
  // The first goes on where it stopped.
  const more = await paper(home, 'alpha', `${MARKET} --days 0.2 --state ${home}/alpha`)
  assert.equal(more.code, 143, more.stderr)
  assert.equal(linesIn(home, 'alpha-decisions'), counts[1], more.stderr)

  await must('label.sh alpha-decisions')
  assert.match(await must('learn.sh alpha-decisions moon'), /"learned":[1-9]/)
  assert.match(await must('report.sh alpha'), /^What was traded\n/)
  assert.ok(existsSync(`${home}/alpha-report.html`))
  assert.match(await must('quality.sh alpha-decisions'), /"column":"all"/)
  // The bots saw no token after those that the model learned from, and no whole day.
  const drift = await run('drift.sh')
  assert.equal(drift.code, 4, drift.stderr)
  assert.match(drift.stderr, /insufficient: lines of at least 8 tokens are needed/)
  assert.match(await must('sync.sh'), /"refused":0/)
  assert.match(await must('backtest.sh', { EVENTS: 'alpha-events' }), /"of":"trades"|^Trades/m)

  const retrained = await must('retrain.sh moon', { RETRAIN: '--now' })
  const version = /"version":"([^"]+)"/.exec(retrained)?.[1]
  assert.match(retrained, /"state":"finished"/)
  assert.match(retrained, /"table":"promotions"/)
  const promote = (line: string) => sh(`sluice models ${line}`, { home, env })
  assert.equal((await promote(`promote moon@${version}`)).code, 0)
  assert.deepEqual(aliases(home), { previous: made, production: version })
  assert.equal((await promote('rollback moon')).code, 0)
  assert.equal(aliases(home).production, made)

  await must('sync.sh') // What was decided since is in the copy and in the moved home alike.
  await moves(home)
})

/** A home that was copied is a backup; one that was moved goes on. */
async function moves(home: string): Promise<void> {
  await cp(home, `${home}-copy`, { recursive: true, preserveTimestamps: true })
  await rename(home, `${home}-moved`)
  try {
    for (const place of [`${home}-copy`, `${home}-moved`]) {
      const rows = await sh('sluice query "select count(*)::int as n from features"', {
        home: place,
      })
      assert.match(rows.stdout, /"n":[1-9]/, `${place}: ${rows.stderr}`)
      assert.match(await good(place)('sync.sh'), /"lines":0,"refused":0/)
      assert.match(await good(place)('status.sh'), /sync keeps 90 days/)
      await good(place)('report.sh alpha')
    }
    await good(`${home}-moved`)(`collect.sh ${MARKET} --days 0.22 --state ${home}-moved/market`)
    await good(`${home}-moved`)('label.sh snapshots')
  } finally {
    await rename(`${home}-moved`, home)
    await sh(`rm -rf ${home}-copy`)
  }
}
