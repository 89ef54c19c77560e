import { createInterface } from 'node:readline'
import execute from '../../../../cmd/execute.ts'
import type { StepCommand } from '../../../../lib/cli/command.ts'
import { contextOf, lineOf } from '../../../kit/step.ts'

/**
 * Runs execute over stdin with a ledger, a batch per line, to be killed at any moment: prints what
 * the step emits. Arguments: path of the ledger.
 */
const flags = {
  ledger: process.argv[2],
  latency: 900,
  jitter: 0,
  revertRate: 0.1,
  expireRate: 0.1,
  timeStop: 30_000,
}
const step = await (execute as StepCommand<any>).make(contextOf(execute, flags as never))
for await (const raw of createInterface({ input: process.stdin })) {
  await step.batch?.([lineOf(raw)], line => void process.stdout.write(`${line.raw}\n`))
}
await step.close?.()
