import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { saveCheckpoint } from '../../lib/train/networks/fit/checkpoint-file.ts'
import { type Done, makeHome, sluice } from '../kit/proc.ts'
import { walkRows, writeExport } from '../lib/train/export-folder.ts'

const EPOCHS = ['--net', 'attention', '--batch', '16', '--epochs', '4', '--patience', '0']

/**
 * Trains on the export of a home; `until` is called with the child once the first epoch is over.
 */
function train(
  home: string,
  more: string[],
  until?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Done> {
  return sluice(['train', join(home, 'export'), ...EPOCHS, ...more], {
    home,
    drive(child) {
      child.stdin?.end()
      child.stdout?.once('data', () => until?.(signal => child.kill(signal)))
    },
  })
}

async function homeWithExport(t: { after(fn: () => void): void }): Promise<string> {
  const home = makeHome(t)
  await writeExport(join(home, 'export'), walkRows(160))
  return home
}

const bundleAt = (out: string): string[] =>
  ['model.onnx', 'bundle.json'].map(file => readFileSync(join(out, file)).toString('base64'))
const epochsOf = ({ stdout }: Done): number[] =>
  stdout
    .split('\n')
    .filter(line => line.startsWith('{"epoch"'))
    .map(line => JSON.parse(line).epoch)

test('killed or interrupted, then resumed: the bytes of a run without interruption', async t => {
  const home = await homeWithExport(t)
  const at = (run: string): string => join(home, run, 'net', '1')
  const whole = await train(home, ['--out', at('whole'), '--threads', '1'])
  assert.deepEqual([whole.code, epochsOf(whole)], [0, [1, 2, 3, 4]])
  const expected = bundleAt(at('whole'))
  for (const [signal, code] of [
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const) {
    const out = at(signal)
    const cut = await train(home, ['--out', out, '--threads', '2'], kill => kill(signal))
    assert.deepEqual([cut.code, existsSync(out)], [code, false], cut.stderr)
    assert.ok(statSync(`${out}.checkpoint`).size > 1000)
    if (signal === 'SIGINT') assert.match(cut.stderr, /stopped; go on with --resume/)
    const resumed = await train(home, ['--out', out, '--resume', '--threads', '2'])
    assert.deepEqual([resumed.code, epochsOf(resumed).at(-1)], [0, 4])
    assert.ok(epochsOf(resumed)[0]! > 1, 'it went on, not anew')
    assert.deepEqual(bundleAt(out), expected, signal)
    assert.equal(existsSync(`${out}.checkpoint`), false)
  }
})

test(
  'an export without --label means the network of its kind; what is asked for must be free and ' +
    'have one',
  async t => {
    const home = await homeWithExport(t)
    const out = join(home, 'models', 'sequence', '1')
    const run = (...argv: string[]): Promise<Done> =>
      sluice(['train', join(home, 'export'), ...argv], { home })
    const made = await run(
      '--kind',
      'sequence',
      '--epochs',
      '1',
      '--batch',
      '128',
      '--focal',
      '2',
      '--out',
      out,
    )
    assert.equal(made.code, 0, made.stderr)
    const { algorithm, heads } = JSON.parse(readFileSync(join(out, 'bundle.json'), 'utf8'))
    assert.deepEqual([algorithm.name, algorithm.settings.focal], ['network sequence', 2])
    assert.deepEqual(
      heads.map(({ name }: { name: string }) => name),
      ['profitable', 'maxProfit'],
    )
    const taken = await run('--out', out)
    assert.deepEqual([taken.code, taken.stdout], [2, ''])
    assert.match(taken.stderr, /exists; versions are never overwritten/)
    const none = await run('--net', 'small', '--kind', 'moon')
    assert.deepEqual([none.code, none.stdout], [2, ''])
    assert.match(none.stderr, /--kind moon has no network/)
  },
)

test('a full disk keeps the checkpoint that is there', {
  skip: !existsSync('/dev/full'),
}, async t => {
  const path = join(makeHome(t), 'run.checkpoint')
  const vector = Float32Array.of(1, 2)
  const state = { key: 'k', step: 1, lossSum: 0, history: [], best: { epoch: 0, loss: 1 } }
  const checkpoint = { ...state, P: vector, M: vector, V: vector, bestP: vector }
  await saveCheckpoint(path, checkpoint)
  const before = readFileSync(path)
  symlinkSync('/dev/full', `${path}.part`)
  await assert.rejects(saveCheckpoint(path, { ...checkpoint, step: 2 }), {
    code: 4,
    message: /ENOSPC/,
  })
  assert.deepEqual(readFileSync(path), before)
  assert.equal(existsSync(`${path}.part`), false)
})
