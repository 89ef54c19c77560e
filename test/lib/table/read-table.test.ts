import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataError } from '../../../lib/base/errors.ts'
import { openDuck } from '../../../lib/store/duck/duck.ts'
import {
  columnKinds,
  numericColumns,
  readTable,
  textRemarks,
} from '../../../lib/table/read-table.ts'
import { writtenOf } from '../../../lib/table/time-flags.ts'
import { folder } from '../model/fixture.ts'

type Row = Record<string, unknown>

/** The same rows as CSV, NDJSON and Parquet. */
async function written(dir: string, rows: readonly Row[]): Promise<string[]> {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const csv = rows.map(row => names.map(name => String(row[name] ?? '')).join(','))
  const [c, j, p] = ['t.csv', 't.ndjson', 't.parquet'].map(name => join(dir, name))
  writeFileSync(c!, `${names.join(',')}\n${csv.join('\n')}\n`)
  writeFileSync(j!, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const duck = await openDuck(':memory:')
  await duck.run(`copy (select * from read_json('${j}', sample_size = -1)) to '${p}'`)
  duck.close()
  return [c!, j!, p!]
}

test('types and columns come from all rows, whatever the file is', async t => {
  const rows: Row[] = Array.from({ length: 21_000 }, (_, i) => ({
    t: 1_700_000_000_000 + i * 60_000,
    x: i % 2,
    y: i % 3 === 0 ? 1 : 0,
  }))
  rows[20_990] = { ...rows[20_990], x: 0.226, late: 2.5, flag: true }
  const files = await written(folder(t), rows)
  const tables = []
  for (const file of files) {
    assert.deepEqual((await numericColumns(file)).slice(0, 5), ['t', 'x', 'y', 'late', 'flag'])
    const { table, words, time } = await readTable(file, {
      features: ['x', 'late', 'flag'],
      label: 'y',
      time: 't',
    })
    assert.equal(table.columns[0]![20_990], Math.fround(0.226))
    assert.equal(table.columns[1]![20_990], 2.5)
    assert.equal(table.columns[2]![20_990], 1)
    tables.push({ columns: table.columns.map(column => [...column]), words, time: [...time] })
  }
  assert.deepEqual(tables[1], tables[0])
  assert.deepEqual(tables[2], tables[0])
})

test('words for a missing number and infinities are unknown, and told with their line', async t => {
  const file = join(folder(t), 'a.csv')
  writeFileSync(file, 'x,z,y\n1,2,0\n\nN/A,inf,1\n3,"4",0\n-,1e39,1\n')
  const { table, remarks } = await readTable(file, { features: ['x', 'z'], label: 'y' })
  assert.deepEqual([...table.columns[0]!], [1, Number.NaN, 3, Number.NaN])
  assert.deepEqual([...table.columns[1]!], [2, Number.NaN, 4, Number.NaN])
  assert.deepEqual(remarks, [
    'x: 2 cells such as "N/A" in line 4 count as unknown',
    'z: 2 cells such as "inf" in line 4 count as unknown',
  ])
  assert.deepEqual(await numericColumns(file), ['x', 'z', 'y'])
})

test('what keeps a column from being numbers is named with its line and why', async t => {
  const file = join(folder(t), 'a.csv')
  const cells = [
    'a,b,c,name,note,y',
    '1,"0,5","1,234.5",Sol,"two\nlines",0',
    '2,"1,5","2,000",Wif,,1',
    'abc,"2,5",3,Bonk,,0',
  ]
  writeFileSync(file, `${cells.join('\n')}\n`)
  const kinds = await columnKinds(file)
  assert.deepEqual(await textRemarks(file, kinds), [
    'a would be numbers but for "abc" in line 5',
    'b would be numbers but for "0,5", a decimal comma (--decimal , reads it) in line 2, and 2 ' +
      'cells like it',
    'c would be numbers but for "1,234.5", a number with thousands separators in line 2, and 1 ' +
      'cells like it',
    'no numbers: name, note',
  ])
  await assert.rejects(readTable(file, { features: ['a'], label: 'y' }), (error: unknown) => {
    assert.ok(error instanceof DataError)
    assert.match(String(error), /line 5.*a: expected numbers, got "abc"/)
    return true
  })
  await assert.rejects(readTable(file, { features: ['c'], label: 'y' }), /thousands separators/)
  await assert.rejects(readTable(file, { features: ['b'], label: 'y' }), /--decimal ,/)
  const { table } = await readTable(
    file,
    { features: ['b'], label: 'y' },
    writtenOf({ decimal: ',' }),
  )
  assert.deepEqual([...table.columns[0]!], [0.5, 1.5, 2.5])
})

test('times by the one rule: any unit; an unclear order is refused, or said', async t => {
  const dir = folder(t)
  const file = join(dir, 'a.csv')
  // 2024-03-01 00:00 UTC in s, ms, µs, ns and words: `date -u -d 2024-03-01 +%s`.
  const at = 1_709_251_200
  for (const time of [at, at * 1000, at * 1e6, `${at}000000000`, '2024-03-01', '20240301']) {
    writeFileSync(file, `t,x,y\n${time},1,0\n`)
    const { time: read } = await readTable(file, { features: ['x'], label: 'y', time: 't' })
    assert.deepEqual([...read], [at * 1000], String(time))
  }
  writeFileSync(file, 't,x,y\n01/03/2024,1,0\n')
  const columns = { features: ['x'], label: 'y', time: 't' }
  await assert.rejects(readTable(file, columns), /--time-format dmy or --time-format mdy/)
  const { time } = await readTable(file, columns, writtenOf({ timeFormat: 'dmy' }))
  assert.deepEqual([...time], [at * 1000])
})

test('a name twice in a header is told, and a file without anything is no table', async t => {
  const dir = folder(t)
  const [twice, empty] = [join(dir, 'twice.csv'), join(dir, 'empty.csv')]
  writeFileSync(twice, 'x;"x";y\n1;2;0\n')
  writeFileSync(empty, '\n')
  const { table, remarks } = await readTable(twice, { features: ['x', 'x_1'], label: 'y' })
  assert.deepEqual(
    table.columns.map(column => column[0]),
    [1, 2],
  )
  assert.match(remarks.join(), /^"x" stands more than once in the header/)
  await assert.rejects(numericColumns(empty), (error: unknown) => {
    assert.ok(error instanceof DataError)
    assert.match(error.message, /expected a table with a header, got an empty file/)
    return true
  })
})
