import { duration, list } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

export default step({
  name: 'exec',
  summary: 'Let a program of any language take part: each line goes to it, its answers go on',
  details:
    'The program reads lines on stdin and writes one line for each, in order and at once, with ' +
    'the same envelope (v, id, ts, kind, mint, pool, source, slot, seenAt, warm); what else it ' +
    'adds or changes is its own. An answer that is another line is exit 3 with its number, one ' +
    'that does not come in --exec-timeout is exit 4.\n\n' +
    'It is a stage of sluice run, backtest and sweeps too. There its words and the SHA-256 of ' +
    'the files among them enter the config hash of the decisions behind it, and a backtest runs ' +
    'the first 1,000 lines twice and refuses a program that says something else the second ' +
    'time.\n\n' +
    'It inherits PATH, HOME, the language and what interpreters need, but no keys and no SLUICE_ ' +
    'or ML_ settings; --pass-env names more. Its stderr is ours. Flags of exec stand before the ' +
    'program; what follows the program belongs to it.',
  reads: [],
  writes: [],
  flags: {
    execTimeout: duration('longest time from one answer to the next', {
      default: '10s',
      min: '10ms',
    }),
    passEnv: list('names of environment variables that it may see', { value: 'NAME,…' }),
  },
  args: { name: 'PROGRAM', doc: 'the program and its arguments', min: 1, isRest: true },
  examples: [
    'features < events.ndjson | sluice exec ./mine.py | gate',
    "sluice run 'features | exec python3 mine.py --fast | gate' < events.ndjson",
    "sluice backtest --on candles.parquet 'strategy | exec ./mine.py | gate | execute'",
  ],
  contract: { args: ['cat'] },
  async identity({ args, env }) {
    const { identify } = await import('../lib/exec/program-file.ts')
    return identify(args, env.PATH)
  },
  exempt: {
    time: 'the program has its own idea of time; marks of steps before it are on the line',
  },
  async make({ args, env, flags }) {
    const { locate } = await import('../lib/exec/program-file.ts')
    const { programEnv } = await import('../lib/exec/program-env.ts')
    const { startProgram } = await import('../lib/exec/program.ts')
    const { makeExec } = await import('../lib/exec/exec-step.ts')
    const words = [locate(args[0]!, env.PATH), ...args.slice(1)]
    return makeExec(startProgram(words, programEnv(env, flags.passEnv), flags.execTimeout))
  },
})
