import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Entries of training threads: files of this folder, chunks of the build. */
type Entry = 'fit-thread' | 'tree-thread'

/** Starts a thread on one of the entries. */
export function openThread(name: Entry, options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(`./${name}.js`, import.meta.url), options)
  // From source the loader of TypeScript must be registered anew in every thread.
  const entry = JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href)
  const boot = `import('tsx/esm/api')
    .then(({ register }) => { register(); return import(${entry}) })`
  return new Worker(boot, { ...options, eval: true })
}
