import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tell } from '../cli/log.ts'
import { makeTestsHome } from './tests-home.ts'

/**
 * Runs the test files named on the command line, or all of them. Node 20’s runner given a folder
 * finds no .ts file, runs nothing and exits 0; so the files are passed by name and their number is
 * checked against what ran.
 */
const named = process.argv.slice(2)
const files = named.length > 0 ? named : testFiles('test')
if (files.length === 0) throw new Error('no test files under test/')

const args = ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files]
const home = makeTestsHome(process.env)
const child = spawn(process.execPath, args, {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: home.env,
})
let tail = ''
child.stdout.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk)
  tail = (tail + chunk.toString()).slice(-4000)
})
child.on('close', (code, signal) => {
  const ran = Number(/ℹ tests (\d+)/.exec(tail)?.[1] ?? 0)
  const passed = Number(/ℹ pass (\d+)/.exec(tail)?.[1] ?? 0)
  const left = home.left()
  if (left.length > 0) {
    tell(`a test wrote to the default home of the user: ${left.join(' ')}`)
    process.exitCode = 1
  }
  if (signal !== null) tell(`tests ended by ${signal}`)
  if (code === 0 && (ran < files.length || passed === 0)) {
    tell(`${files.length} test files but only ${ran} tests ran`)
    process.exitCode = 1
  } else process.exitCode ??= code ?? 1
})

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts') && !name.startsWith('install/'))
    .map(name => join(folder, name))
    .sort()
}
