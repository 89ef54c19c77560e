import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCase, shortOutput } from '../../../lib/dev/case-file.ts'

const LONG = `{"v":1,"id":"a","text":"${'x'.repeat(80)}"}`

test('short lines of input and output are written out', () => {
  const it = parseCase(`# title\n$ gate\n<< tick\n<<- ${LONG}\n>> =2\n>> =1 + "n":1\nexit 3\n`)
  const tick = '{"v":1,"id":"tick:1763685000000","ts":1763685000000,"kind":"tick","source":"x"}'
  assert.equal(it.input, `${tick}\n${LONG}`)
  assert.equal(it.stdout, `${LONG}\n${tick.slice(0, -1)},"n":1}\n`)
  assert.equal(it.exit, 3)
})

test('output is told by the input that it repeats, and means the same', () => {
  const input = `{"v":1}\n${LONG}\n`
  for (const [line, short] of [
    [LONG, '=2'],
    [`${LONG.slice(0, -1)},"score":{"a":1}}`, '=2 + "score":{"a":1}'],
    ['{"v":1}', '{"v":1}'],
    [`${LONG} `, `${LONG} `],
    ['', ''],
  ] as const) {
    assert.equal(shortOutput(line, input), short)
    const lines = input
      .split('\n')
      .slice(0, -1)
      .map(text => `<< ${text}`)
    assert.equal(parseCase([...lines, `>> ${short}`].join('\n')).stdout, `${line}\n`)
  }
})

test('a line that is no word of a case, and a reference to nothing, name their line', () => {
  assert.throws(() => parseCase('# a\nnonsense'), /line 2: not a word of a case file: nonsense/)
  assert.throws(() => parseCase('# a\n<< {}\n>> =2'), /line 3: there is no line 2 of input/)
  assert.throws(() => parseCase('# a\n<< token m1 x'), /line 2: not a word of a token: x/)
})
