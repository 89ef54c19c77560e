/**
 * What `sluice models` can do. Words in brackets may be left out; runs of them are checked before
 * the action starts. Loaded for help, so it knows nobody.
 */
export const MODEL_ACTIONS = {
  list: { args: '', doc: 'one line per version: kind, heads, size, what it is in use for' },
  import: {
    args: 'FILE',
    doc: 'make a bundle of a model from elsewhere; needs --features or --input, and --out',
  },
  show: { args: 'NAME[@V]', doc: 'the whole declaration of a version' },
  card: { args: 'NAME[@V]', doc: 'its card: data, metrics, limits, what it must not be used for' },
  verify: {
    args: '[NAME[@V]]',
    doc: 'run it on the rows it was made with and compare; all of them',
  },
  check: {
    args: 'DIR',
    doc: 'hold a bundle that any program wrote against the format, check by check',
  },
  explain: {
    args: 'NAME[@V] FILE',
    doc: 'what it says of one line of FILE, and the inputs that moved that most, for people',
  },
  recipe: {
    args: 'NAME [FIELD]',
    doc: 'how it is made: its recipe.json, yours over that of the program; or one field of it',
  },
  calibrate: {
    args: 'NAME[@V]',
    doc:
      'fit its probabilities to labelled rows of yours (--rows) and write that as a new version, ' +
      'if later rows say that it is better',
  },
  alias: {
    args: 'NAME@V production|shadow|previous',
    doc: 'say what a version is in use for',
  },
  promote: { args: 'NAME@V', doc: 'make it production and keep the one before as previous' },
  rollback: { args: 'NAME', doc: 'go back to previous' },
  diff: { args: 'NAME@V NAME@W', doc: 'what differs between two versions' },
  learn: {
    args: 'NAME LABELS',
    doc: 'teach the online model beside a moon or rug model; LABELS is a file, - is stdin',
  },
} as const

export type ModelAction = keyof typeof MODEL_ACTIONS
