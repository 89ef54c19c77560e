import { type MessagePort, workerData } from 'node:worker_threads'
import { messageOf } from '../../base/errors.ts'
import { growShare } from '../trees/forest.ts'
import { serveGrowing } from '../trees/grow-threads.ts'
import type { TreeJob, TreeReport } from '../trees/helper-threads.ts'

/** Entry of a thread that helps to grow trees. It lives until its starter ends it. */
const { port } = workerData as { port: MessagePort }

port.on('message', (job: TreeJob) => {
  if (job.type === 'boost') serveGrowing(job.memory, job.rank, job.rules)
  else port.postMessage(grown(job))
})

function grown({ share, rank, progress }: TreeJob & { type: 'forest' }): TreeReport {
  try {
    return { trees: growShare(share, rank, progress) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
