import { file } from '../base/flags.ts'

/** Of every command that looks for models. */
export const models = file(
  'folder of models, instead of $SLUICE_HOME/models and the shipped ones',
  {
    value: 'DIR',
    env: 'ML_MODELS_PATH',
  },
)

/** What a model is for; each kind has its own heads (heads.ts). */
export const MODEL_KINDS = [
  'sequence',
  'outcome',
  'moon',
  'rug',
  'opportunity',
  'price',
  'volatility',
] as const
