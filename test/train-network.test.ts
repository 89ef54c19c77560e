import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeHome, sluice } from './kit/proc.ts'
import { walkRows, writeExport } from './lib/train/export-folder.ts'

const argv = (dir: string, name: string): string[] => [
  ...[
    'train',
    join(dir, 'export'),
    '--algo',
    'network',
    '--net',
    'small',
    '--epochs',
    '3',
    '--batch',
    '32',
  ],
  ...['--out', join(dir, 'models', name, '1')],
]

test(
  'the built program trains a network; Ctrl-C leaves a checkpoint and exits 130; --resume ' +
    'gives the same model',
  async t => {
    const dir = makeHome(t)
    mkdirSync(join(dir, 'export'))
    await writeExport(join(dir, 'export'), walkRows(240))
    const whole = await sluice(argv(dir, 'whole'), { home: dir })
    assert.equal(whole.code, 0, whole.stderr)
    const epochs = whole.stdout.split('\n').filter(line => line.startsWith('{"epoch"'))
    assert.equal(epochs.length, 3)
    assert.doesNotMatch(whole.stderr, /\[#/, 'no progress bar where stderr is not a terminal')

    const cut = await sluice(argv(dir, 'cut'), {
      home: dir,
      drive: child => void child.stdout?.once('data', () => child.kill('SIGINT')),
    })
    assert.equal(cut.code, 130, cut.stderr)
    assert.match(cut.stderr, /stopped; go on with --resume/)
    assert.ok(existsSync(join(dir, 'models/cut/1.checkpoint')))
    assert.equal(existsSync(join(dir, 'models/cut/1')), false)

    const resumed = await sluice([...argv(dir, 'cut'), '--resume'], { home: dir })
    assert.equal(resumed.code, 0, resumed.stderr)
    const model = (name: string): Buffer =>
      readFileSync(join(dir, 'models', name, '1', 'model.onnx'))
    assert.ok(model('cut').equals(model('whole')))
  },
)
