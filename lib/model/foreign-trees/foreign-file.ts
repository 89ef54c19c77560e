import { DataError, UsageError } from '../../base/errors.ts'
import { isCatboost, readCatboost } from './catboost.ts'
import type { Forest } from './foreign-forest.ts'
import { type Fields, isFields } from './json-fields.ts'
import { isLightgbm, readLightgbm } from './lightgbm.ts'
import { readUbjson } from './ubjson.ts'
import { isXgboost, readXgboost } from './xgboost.ts'

/**
 * The trees in a file of LightGBM, XGBoost or CatBoost, by what it holds; undefined where it is
 * none of them, as ONNX. Throws UsageError with the lines that export it for a model that only
 * Python can open, and DataError for a broken file.
 */
export function readForest(bytes: Buffer, path: string): Forest | undefined {
  const kind = pythonKind(bytes, path)
  if (kind !== undefined) throw new UsageError(`${path}: ${kind[0]}:\n${kind[1].join('\n')}`)
  const start = bytes.subarray(0, 4096).toString('latin1')
  if (isLightgbm(start)) return readLightgbm(bytes.toString('utf8'))
  if (!start.trimStart().startsWith('{')) return undefined
  const model = objectIn(bytes)
  if (isXgboost(model)) return readXgboost(model)
  if (isCatboost(model)) return readCatboost(model)
  throw new DataError(
    `${path}: JSON of no model that is known: expected save_model of XGBoost or of CatBoost with ` +
      'format="json"',
  )
}

function objectIn(bytes: Buffer): Fields {
  const text = bytes.subarray(0, 4096).toString('utf8')
  const model = /^\s*\{\s*["}]/.test(text) ? parsed(bytes) : readUbjson(bytes)
  if (!isFields(model)) throw new DataError('the model is no object')
  return model
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new DataError('the model is not JSON: broken or truncated')
  }
}

type Kind = [what: string, lines: readonly string[]]

/** A file that only Python opens, and the six lines that make ONNX or text of it. */
function pythonKind(bytes: Buffer, path: string): Kind | undefined {
  const name = path.toLowerCase()
  const starts = (text: string): boolean =>
    bytes.subarray(0, text.length).equals(Buffer.from(text, 'latin1'))
  if (/\.(keras|h5|hdf5)$/.test(name) || starts('\x89HDF')) return KINDS.keras
  if (/\.(pt|pth|ckpt)$/.test(name) || (starts('PK\x03\x04') && !name.endsWith('.npz')))
    return KINDS.torch
  const size = bytes.length > 9 ? bytes.readBigUInt64LE(0) : 0n
  if (name.endsWith('.safetensors') || (bytes[8] === 0x7b && size > 1n && size < bytes.length))
    return KINDS.safetensors
  if (starts('CBM1')) return KINDS.catboost
  if (starts('binf') || starts('bs64')) return KINDS.xgboost
  if (/\.(pkl|pickle|joblib)$/.test(name) || starts('\x80\x04\x95') || starts('\x80\x05\x95'))
    return KINDS.pickle
  return undefined
}

const TORCH = ['import torch', 'from my_training import Net  # the class of the model']
const EXPORT = [
  'rows = (torch.zeros(2, 100, 5), torch.zeros(2, 5))  # one per input, two rows',
  'torch.onnx.export(net, rows, "model.onnx", input_names=["candles", "context"],',
  '    output_names=["p"], dynamic_axes={n: {0: "N"} for n in ["candles", "context", "p"]})',
]
const KINDS = {
  torch: [
    'weights of PyTorch, which only its own class can run; export it, then import model.onnx',
    [...TORCH, 'net = Net(); net.load_state_dict(torch.load("model.pt")); net.eval()', ...EXPORT],
  ],
  safetensors: [
    'weights alone, without the model they belong to; export it, then import model.onnx',
    [
      'import torch; from safetensors.torch import load_file',
      TORCH[1]!,
      'net = Net(); net.load_state_dict(load_file("model.safetensors")); net.eval()',
      ...EXPORT,
    ],
  ],
  keras: [
    'a model of Keras; export it, then import model.onnx',
    [
      'import keras, numpy  # 3.8 or later; pip install onnx tf2onnx',
      'model = keras.models.load_model("model.keras")',
      'sides = [[side or 2 for side in tensor.shape[1:]] for tensor in model.inputs]',
      'rows = [numpy.zeros((2, *side), "float32") for side in sides]  # two rows of each input',
      'print(model(rows if len(rows) > 1 else rows[0]))  # export asks for one call',
      'model.export("model.onnx", format="onnx")',
    ],
  ],
  pickle: [
    'a pickle, which can run any program when it is opened and is not; export it, then import ' +
      'model.onnx (scalers alone go to --scalers)',
    [
      'import joblib, numpy; from skl2onnx import to_onnx  # pip install skl2onnx',
      'model = joblib.load("model.pkl")  # your own file only',
      'row = numpy.zeros((1, model.n_features_in_), numpy.float32)',
      'options = {"zipmap": False} if hasattr(model, "classes_") else None',
      'onx = to_onnx(model, row, options=options, target_opset=17)',
      'open("model.onnx", "wb").write(onx.SerializeToString())',
    ],
  ],
  catboost: [
    'the binary form of CatBoost; save it as JSON, then import model.json',
    [
      'from catboost import CatBoost, Pool',
      'model = CatBoost(); model.load_model("model.cbm")',
      'print(model.feature_names_)  # the order of --features',
      'cats = model.get_cat_feature_indices()  # whole numbers; needs rows of the training, if any',
      'pool = Pool(rows, cat_features=cats) if cats else None',
      'model.save_model("model.json", format="json", pool=pool)',
    ],
  ],
  xgboost: [
    'the old binary form of XGBoost; save it as JSON, then import model.json',
    [
      'import xgboost  # before 3.1, which no longer reads it',
      'model = xgboost.Booster()',
      'model.load_model("model.bin")',
      'print(model.feature_names)  # the order of --features',
      'print(model.num_features())',
      'model.save_model("model.json")',
    ],
  ],
} as const satisfies Record<string, Kind>
