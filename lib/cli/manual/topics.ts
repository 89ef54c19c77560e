import type { Manual } from './manual.ts'

/**
 * What holds for all commands, each said once: `sluice help TOPIC`, the man page sluice(1) and the
 * documents take it from here.
 */
export const TOPICS: Record<string, Omit<Manual, 'name'>> = {
  'exit-codes': {
    summary: 'What each exit code asks of you',
    column: 10,
    sections: [
      {
        title: '',
        rows: [
          ['0', 'done; also: the reader of our output has gone'],
          ['1', 'with --check: the answer is no. Act on it'],
          ['2', 'the call, the configuration or the model does not fit. Fix it, do not restart'],
          ['3', 'the data does not fit. Look at it'],
          ['4', 'network, disk, a limit for now. Try again later, as keep does'],
          ['5', 'kill switch, loss limit, an order of unknown outcome. A human is needed'],
          ['70', 'a bug. Report it; DEBUG=1 shows where'],
          ['130, 143', 'SIGINT, SIGTERM; state is settled'],
        ],
      },
    ],
  },
  laws: {
    summary: 'What every command does with its streams',
    column: 4,
    sections: [
      {
        title: '',
        rows: [
          ['1', 'A live line leaves at once; memory is bounded whatever the input.'],
          ['2', 'Everything produced before an error leaves before the error is told.'],
          ['3', 'A reader that leaves is no error: stop, exit 0, let upstream learn.'],
          [
            '4',
            'Ctrl-C: sources stop, steps run to the end of their input, then exit 130 (143 for ' +
              'SIGTERM). A second one quits.',
          ],
          [
            '5',
            'A bad line stops the command with line, field and value, exit 3. --skip-bad ' +
              '--rejects FILE keeps it elsewhere and goes on, up to --max-bad.',
          ],
          ['6', 'stdout is data only; logs and the closing summary go to stderr.'],
          [
            '7',
            'A flag that was not declared, a stray word, a missing or impossible value: one ' +
              'line, exit 2. Nothing is guessed.',
          ],
          ['8', '--help touches nothing.'],
          [
            '9',
            'The first k lines give the first lines of the output. Same input, same bytes. ' +
              'sluice run gives the bytes of the pipe.',
          ],
          ['10', 'What a command says of a token depends on lines of that token and on ticks.'],
        ],
      },
    ],
  },
  configuration: {
    summary: 'Where settings come from',
    sections: [
      {
        title: '',
        prose:
          'A flag wins over the environment, the environment over $SLUICE_HOME/config.json, and ' +
          'that over the default. A mistyped key or name is an error, not a default. Danger is ' +
          'never switched on by a file: some flags are believed on the command line only.\n\n' +
          'The configuration is one object per command, with flags in camelCase. Every flag ' +
          'has an environment name too, SLUICE_<COMMAND>_<FLAG>. Secrets are never settings: ' +
          'settings hold the paths of files with secrets.',
      },
      {
        title: 'Examples',
        code: [
          'sluice init                           # writes a first config.json',
          'sluice config gate                    # what is in force, and from where',
          `echo '{"gate":{"maxAge":"30s"}}' > "$SLUICE_HOME/config.json"`,
          'SLUICE_GATE_MAX_AGE=30s gate < predicted.ndjson',
          'sluice doctor                         # examines machine and providers',
        ],
      },
    ],
  },
  records: {
    summary: 'What a line holds',
    sections: [
      {
        title: '',
        prose:
          'A line is one JSON object that grows: an envelope {v, id, ts, kind, mint?, pool?, ' +
          'source} and the parts that commands add, each named after what it holds. A command ' +
          'reads parts, adds its own and passes everything else on byte for byte, unknown keys ' +
          'included.\n\n' +
          'ts is event time in milliseconds, from the chain or the provider. With tick lines ' +
          'it alone advances time: bars close, labels mature and orders fill by it, never by ' +
          'the wall clock.\n\n' +
          'Unknown is an absent key: not null, not 0, and never “no”.',
      },
      {
        title: 'Examples',
        code: [
          'sluice schema                         # the parts',
          'sluice schema decision                # JSON Schema of one',
          'gate < predicted.ndjson | jq -c .decision',
        ],
      },
    ],
  },
  pipelines: {
    summary: 'How commands chain',
    sections: [
      {
        title: '',
        prose:
          'The output of any command is valid input for a later one, so that pipes, tee and jq ' +
          'fit anywhere. gate marks lines, it does not delete: what was refused must be learned ' +
          'from too. sluice run takes the same pipeline in one process, several times faster ' +
          'and with the same bytes.\n\n' +
          'Pipe buffers die with a process: what must survive is handed over through a journal, ' +
          'and keep restarts what has ended by its exit code.',
      },
      {
        title: 'Examples',
        code: [
          'discover --source sim --days 1 | features | predict | gate | execute',
          "sluice run 'discover --source sim --days 1 | features | predict | gate'",
          'discover --source sim | journal events | features',
          'discover --source journal events --follow --after decisions | features',
        ],
      },
    ],
  },
  extending: {
    summary: 'Commands of your own',
    sections: [
      {
        title: '',
        prose:
          'An executable sluice-NAME on PATH is sluice NAME: it gets the words after the name, ' +
          'stdin, stdout, stderr and signals, and its exit code is passed on. NAME holds a-z, ' +
          '0-9 and -; built-in names win. Only folders that PATH names are looked in; an empty ' +
          'entry of PATH is passed over.\n\n' +
          'Any program that reads and writes lines takes part in a pipe as it is.',
      },
      {
        title: 'Examples',
        code: [
          "cd ~/bin && printf '#!/bin/sh\\njq -c .decision\\n' > sluice-decided",
          'chmod +x sluice-decided && gate < predicted.ndjson | sluice decided',
        ],
      },
    ],
  },
}
