import { file } from '../base/flags.ts'

/** Of every command that looks for models. */
export const models = file(
  'folder of models, instead of $SLUICE_HOME/models and the shipped ones',
  {
    value: 'DIR',
  },
)
