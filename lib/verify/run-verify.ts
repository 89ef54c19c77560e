import type { Output } from '../base/console.ts'
import { Negative, show, UsageError } from '../base/errors.ts'
import { makeRng } from '../base/rng.ts'
import type { Ctx, Registry } from '../cli/command.ts'
import { preparePipeline } from '../cli/fused.ts'
import { splitPipeline } from '../cli/pipeline.ts'
import { openStages } from '../cli/prepare.ts'
import { readFileLines } from './file-lines.ts'
import { cutsOf, findLookahead, lookaheadText } from './prefix.ts'
import { compareServed } from './served.ts'
import { makeTransform, type Transform } from './transform.ts'
import type { VerifyFlags } from './verify-flags.ts'

/**
 * `verify prefix`, `verify served` and `verify plugin`. Throws a Negative (exit 1) with the first
 * difference.
 */
export async function verify(ctx: Ctx, registry: Registry, out: Output): Promise<void> {
  const [mode, ...rest] = ctx.args as [string, ...string[]]
  if (mode === 'prefix') return prefix(ctx, registry, out, rest)
  if (mode === 'served') return served(ctx, registry, out, rest)
  if (mode === 'plugin') return (await import('./plugin-laws.ts')).verifyPlugin(ctx, rest, out)
  throw new UsageError(`expected prefix, served or plugin, got ${show(mode)}`)
}

async function prefix(ctx: Ctx, registry: Registry, out: Output, args: string[]): Promise<void> {
  const { on, cuts, seed } = ctx.flags as unknown as VerifyFlags
  if (on === undefined || args.length !== 1)
    throw new UsageError('expected verify prefix --on FILE PIPELINE')
  const raws = readFileLines(on)
  const found = await findLookahead(
    await transformOf(args[0]!, ctx, registry),
    raws,
    cutsOf(raws.length, cuts, makeRng(seed)),
  )
  if (found !== undefined) throw new Negative(`lookahead: ${lookaheadText(found)}`)
  const verified = {
    verified: 'prefix',
    lines: raws.length,
    cuts: Math.min(cuts, raws.length),
  }
  await out.write(`${JSON.stringify(verified)}\n`)
}

async function served(ctx: Ctx, registry: Registry, out: Output, args: string[]): Promise<void> {
  const [path, pipeline = 'features'] = args as [string, string?]
  const raws = readFileLines(path)
  const transform = await transformOf(pipeline, ctx, registry)
  const { compared, mismatch } = await compareServed(
    transform,
    raws,
    (ctx.flags as unknown as VerifyFlags).from,
  )
  if (mismatch !== undefined) {
    const { line, id, set, field, served, computed } = mismatch
    const where = ['features', set, field].filter(part => part !== '').join('.')
    throw new Negative(
      `line ${line} (${id}): ${where} was served as ${show(served)}, is computed as ` +
        `${show(computed)}`,
    )
  }
  await out.write(`${JSON.stringify({ verified: 'served', lines: raws.length, compared })}\n`)
}

/** Steps only: a source has no lines to cut. Opened afresh for every run. */
async function transformOf(pipeline: string, ctx: Ctx, registry: Registry): Promise<Transform> {
  const around = {
    env: ctx.env,
    commands: Object.keys(registry),
    signal: ctx.signal,
    isDeterministic: true,
  }
  const prepareAll = () => preparePipeline(splitPipeline(pipeline), registry, around)
  const wrong = (await prepareAll()).find(each => each.command.kind !== 'step')
  if (wrong !== undefined) throw new UsageError(`${wrong.command.name}: only steps can be verified`)
  return makeTransform(async () => openStages(await prepareAll()))
}
