import { Socket } from 'node:net'
import { messageOf } from '../../../base/errors.ts'
import { openSession, type Session } from '../../../onnx/session.ts'
import {
  encodeFrame,
  type Frame,
  type Head,
  joinFloats,
  makeFrameReader,
  splitFloats,
} from './frame.ts'

/**
 * Entry of an inference worker: reads frames on descriptor 3, answers in order on the same, ends
 * when predict does. Ctrl-C reaches the whole process group; what is in flight is still answered.
 */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
const pipe = new Socket({ fd: 3 })
const sessions = new Map<number, Session>()
let queue: Promise<void> = Promise.resolve()

const say = (head: Head, data?: Uint8Array): void => void pipe.write(encodeFrame(head, data))
const read = makeFrameReader(frame => {
  queue = queue.then(() => obey(frame))
})
pipe.on('data', read)
// Not process.exit: onnxruntime’s threads are ended by destructors there, which can wait for ever.
const end = (): void => void process.kill(process.pid, 'SIGKILL')
pipe.on('error', end)
pipe.on('close', end)

async function obey({ head, data }: Frame): Promise<void> {
  if (head.is === 'ping') say({ is: 'pong' })
  else if (head.is === 'open') await open(head, data)
  else if (head.is === 'run') await run(head, data)
  else if (head.is === 'release') {
    await sessions.get(head.model)?.release()
    sessions.delete(head.model)
  }
}

async function open({ model, minBatch }: Head & { is: 'open' }, bytes: Uint8Array): Promise<void> {
  try {
    const session = await openSession(new Uint8Array(bytes), minBatch)
    sessions.set(model, session)
    say({ is: 'opened', model, inputs: session.inputs, outputs: session.outputs })
  } catch (error) {
    say({ is: 'refused', model, reason: messageOf(error) })
  }
}

async function run(
  { job, model, rows, feeds }: Head & { is: 'run' },
  data: Uint8Array,
): Promise<void> {
  try {
    const tensors = splitFloats(
      data,
      feeds.map(({ length }) => length),
    )
    const given = feeds.map(({ name, shape }, k) => ({ name, shape, data: tensors[k]! }))
    const session = sessions.get(model)
    if (session === undefined) throw new Error(`no model ${model} in this worker`)
    const outputs = [...(await session.run(given, rows))]
    const lengths = outputs.map(([name, { length }]) => ({ name, length }))
    say({ is: 'done', job, outputs: lengths }, joinFloats(outputs.map(([, numbers]) => numbers)))
  } catch (error) {
    say({ is: 'failed', job, reason: messageOf(error) })
  }
}
