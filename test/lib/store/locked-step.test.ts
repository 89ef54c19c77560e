import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, sluice } from '../../kit/proc.ts'

const TICK =
  '{"v":1,"id":"tick:1700000000000","ts":1700000000000,"kind":"tick","source":"discover"}\n'

for (const [command, file] of [
  ['features', 'features.ndjson'],
  ['label', undefined],
] as const) {
  test(`two ${command} with one --state: the second ends with 4 and the first goes on`, async t => {
    const home = makeHome(t)
    const state = join(home, 'kept')
    const second = () => sluice([command, '--state', state], { home, input: TICK })
    let refused: Awaited<ReturnType<typeof second>> | undefined
    const first = await sluice([command, '--state', state], {
      home,
      async drive(child) {
        while (!existsSync(state) || readdirSync(state).length === 0)
          await new Promise(resolve => setTimeout(resolve, 20))
        refused = await second()
        child.stdin?.end(TICK)
      },
    })
    assert.equal(refused?.code, 4, refused?.stderr)
    assert.match(refused?.stderr ?? '', new RegExp(`kept has its ${command} already: process \\d+`))
    assert.equal(first.code, 0, first.stderr)
    assert.ok(file === undefined || existsSync(join(state, file)))
    assert.equal((await second()).code, 0, 'free again')
  })
}
