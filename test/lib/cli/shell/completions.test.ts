import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { sluiceHere } from '../../../kit/in-process.ts'
import { makeHome, sh } from '../../../kit/proc.ts'

type Cleaner = { after(fn: () => void): void }
type Complete = (line: string, home: string) => Promise<string[]>

const skip = (program: string): string | false =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
    ? false
    : `${program} is not installed`
const words = (text: string): string[] => text.split('\n').filter(word => word !== '')

/** A home with models and journals of plain names and of names that want to be run. */
function home(t: Cleaner): string {
  const path = makeHome(t)
  for (const name of [
    'mine/2026-01-01.1',
    'mine/2026-02-01.1',
    '$(touch pwned)/1',
    'a b/1',
    '-x/1',
  ])
    mkdirSync(join(path, 'models', name), { recursive: true })
  for (const name of ['events', 'decisions', '`touch pwned`', "it's", '*'])
    mkdirSync(join(path, 'journal', name), { recursive: true })
  writeFileSync(join(path, 'pool.csv'), '')
  return path
}

const PRINT = `printf "%s\\n" "\${COMPREPLY[@]}"`

/** What the script offers for a line, whose last word is split as readline does. */
const bash: Complete = async (line, at) => {
  const pieces = line.split(/([=@])|\s+/).filter(piece => piece !== undefined)
  const typed = pieces.map(piece => `'${piece}'`).join(' ')
  const done = await sh(
    `source dist/completions/sluice.bash; COMP_LINE='${line}' COMP_POINT=${line.length}; ` +
      `COMP_WORDS=(${typed}) COMP_CWORD=${pieces.length - 1}; cd "$SLUICE_HOME"; _sluice; ` +
      `${PRINT}; ls | grep pwned >&2`,
    { home: at },
  )
  assert.equal(done.stderr, '')
  return words(done.stdout)
}

const fish: Complete = async (line, at) => {
  const script = `source dist/completions/sluice.fish; cd $SLUICE_HOME; complete -C "${line}"`
  const done = await sh(
    `fish --no-config -c '${script}'; ls "$SLUICE_HOME" | grep pwned >&2; true`,
    { home: at },
  )
  assert.equal(done.stderr, '')
  return words(done.stdout).map(row => row.split('\t')[0]!)
}

/** Notes what the completion system matches, then goes on as the real one. */
const COMPADD = [
  'compadd() {',
  '[[ " $* " == *" -"[OAD]" "* ]] && { builtin compadd "$@"; return }',
  'local -a __m; builtin compadd -O __m "$@"',
  'print -l -- $__m >> $SLUICE_HOME/.offered; builtin compadd "$@" }',
].join('; ')

/** A real zsh in a pseudo-terminal: a tab is pressed, and what it lists is read. */
const zsh: Complete = async (line, at) => {
  const script = `
zmodload zsh/zpty
zpty z zsh -f -i
send() { zpty -w z "$1"; }
send 'PS1= ; unsetopt zle_bracketed_paste; fpath=(${process.cwd()}/dist/completions $fpath)'
send 'autoload -U compinit; compinit -u -D; cd $SLUICE_HOME'
send '${COMPADD.replace('{;', '{')}'
send 'print -r READY'
zpty -r z out $'*\\r\\nREADY*' || exit 3
zpty -w -n z "${line}"$'\\t'
for i in {1..60}; do
  sleep 0.1; zpty -rt z out; [[ -s $SLUICE_HOME/.offered ]] && break
done
sleep 0.3
zpty -d z
cat $SLUICE_HOME/.offered 2>/dev/null; rm -f $SLUICE_HOME/.offered
ls $SLUICE_HOME | grep pwned >&2; exit 0`
  const done = await sh(`zsh -f <(cat)`, { input: script, home: at })
  assert.equal(done.stderr, '')
  return words(done.stdout).map(word => word.replace(/^--([a-z0-9-]+)=?:?.*$/, '--$1'))
}

for (const [shell, complete] of [
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
] as const) {
  const offers = (
    what: string,
    line: string,
    expected: readonly string[],
    never: readonly string[] = [],
  ): void => {
    test(`${shell}: ${what}`, { skip: skip(shell) }, async t => {
      const found = await complete(line, home(t))
      for (const word of expected) assert.ok(found.includes(word), `${word}: ${found}`)
      for (const word of never) assert.ok(!found.includes(word), `${word}: ${found}`)
      assert.deepEqual(
        found.filter(word => /[$`'* ]/.test(word)),
        [],
      )
    })
  }
  offers('commands', 'sluice fea', ['features'], ['gate'])
  offers('flags of a command', 'sluice gate --max-r', ['--max-rug-risk'], ['--min-score'])
  offers('flags under an own name', 'gate --max-r', ['--max-rug-risk'])
  offers('switches that are on as their opposite', 'sluice predict --no-', ['--no-shadow'])
  offers('words of a choice', 'sluice discover --source ', ['sim', 'replay'], ['--speed'])
  // zsh offers the last value of a list, bash what stands behind its own break at an @.
  const isBash = shell === 'bash'
  const list = shell === 'zsh' ? 'liquidity' : 'mint,liquidity'
  offers('words of a list, after a comma', 'sluice gate --without mint,liq', [list])
  offers('models of home and package', 'sluice predict --model ', ['mine', 'sequence'])
  const version = isBash ? '2026-01-01.1' : 'mine@2026-01-01.1'
  offers('versions', 'sluice predict --model mine@2026-01', [version])
  offers('journals', 'sluice discover --after ', ['events', 'decisions'])
  offers('journals as arguments', 'journal ', ['events', 'decisions'])
  offers('actions', 'sluice models ro', ['rollback'], ['mine'])
  offers('models after an action', 'sluice models promote mi', ['mine', 'mine@2026-02-01.1'])
  offers('topics of help', 'sluice help exit', ['exit-codes'])
  offers('shells', 'sluice completions f', ['fish'])
}

test('a flag and its value may be one word', async t => {
  assert.deepEqual(await bash('discover --source=re', home(t)), ['replay'])
  const models = await bash('sluice predict --model=mine,seq', home(t))
  assert.ok(models.includes('mine,sequence'), models.join(' '))
})

test('a program sluice-NAME of PATH is a command; other names are left out', async t => {
  const at = home(t)
  const done = await sh(
    'cd "$SLUICE_HOME"; for n in own "o\\$(touch pwned)"; do echo true > "sluice-$n"; ' +
      'chmod +x "sluice-$n"; done; PATH="$SLUICE_HOME:$PATH"; source "$ROOT"/sluice.bash; ' +
      `COMP_WORDS=(sluice o) COMP_CWORD=1; _sluice; ${PRINT}; ls | grep ^pwned`,
    { home: at, env: { ROOT: join(process.cwd(), 'dist/completions') } },
  )
  assert.equal(done.stdout, 'own\n')
})

/** Prints the names that the completion answers for. */
const REGISTERED = {
  bash: 'source $AT/sluice.bash; complete -p | sed -n "s/.* _sluice //p"',
  zsh:
    `zsh -f -c 'autoload -U compinit; compinit -u -D; source $AT/_sluice; ` +
    `for n in sluice gate features; do [[ $_comps[$n] == _sluice ]] && print $n; done; true'`,
  fish:
    `fish --no-config -c 'source $AT/sluice.fish; for n in sluice gate features; ` +
    `count (complete -c $n) > /dev/null; and echo $n; end; true'`,
}
for (const [shell, line] of Object.entries(REGISTERED)) {
  test(`${shell}: own names only where they lie beside sluice`, { skip: skip(shell) }, async t => {
    const at = home(t)
    // A link to sluice alone, and a program of another maker that is called as one of ours.
    const PATH = `${at}/only:${at}/theirs:${dirname(process.execPath)}:${outside}`
    for (const dir of ['only', 'theirs']) mkdirSync(join(at, dir))
    symlinkSync(join(process.cwd(), 'dist/bin/sluice'), join(at, 'only/sluice'))
    writeFileSync(join(at, 'theirs/gate'), '#!/bin/sh\n', { mode: 0o755 })
    const AT = join(process.cwd(), 'dist/completions')
    const alone = await sh(line, { home: at, env: { AT, PATH } })
    assert.deepEqual(words(alone.stdout), ['sluice'], alone.stderr)
    const all = words((await sh(line, { home: at, env: { AT } })).stdout)
    assert.ok(all.includes('sluice') && all.includes('gate') && all.includes('features'), `${all}`)
  })
}
/** Folders of PATH without those of any build of ours. */
const outside = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(dir => !existsSync(join(dir, 'sluice')))
  .join(delimiter)

test('flags of configured plugins are in; a plugin that has changed is left out', async t => {
  const at = home(t)
  const plugin = join(at, 'mine.mjs')
  writeFileSync(
    plugin,
    `export default ({ flags, hold }) => ({ version: '1', strategies: [{ name: 'dip', version: 1,
      doc: 'never buys', flags: { deepest: flags.num('least fall of a bar', { default: 0.1 }) },
      make: () => ({ update: () => hold() }) }] })`,
  )
  const hash = createHash('sha256').update(readFileSync(plugin)).digest('hex')
  writeFileSync(join(at, 'config.json'), JSON.stringify({ plugins: { [plugin]: hash } }))
  const printed = await sluiceHere(['completions', 'bash'], { home: at })
  assert.match(printed.stdout, /--deepest/, printed.stderr)
  writeFileSync(plugin, 'export default () => ({ version: 2 })')
  const without = await sluiceHere(['completions', 'bash'], { home: at })
  assert.equal(without.code, 0, without.stderr)
  assert.match(
    without.stderr,
    /^.*flags of plugins are left out: .*mine\.mjs is .*, expected .*\n$/,
  )
  assert.doesNotMatch(without.stdout, /--deepest/)
  assert.match(without.stdout, /--max-rug-risk/)
})

test('what the build lays beside the commands is what the command prints', async () => {
  for (const [shell, file] of [
    ['bash', 'sluice.bash'],
    ['zsh', '_sluice'],
    ['fish', 'sluice.fish'],
  ]) {
    const done = await sh(`sluice completions ${shell}`)
    assert.equal(done.stdout, readFileSync(join('dist/completions', file!), 'utf8'))
  }
})
