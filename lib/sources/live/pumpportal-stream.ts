import { DataError, messageOf } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import type { Ctx } from '../../cli/command.ts'
import { parseJson } from '../net/json.ts'
import { keepSocket } from '../net/socket.ts'
import { PUMPPORTAL, readPumpPortal } from '../providers/pumpportal.ts'
import { gapLine } from './finding-lines.ts'
import type { Stream } from './live-source.ts'
import type { Loop } from './loops.ts'

interface PumpPortalOptions {
  base: string | undefined
  /** With a funded key trades of followed tokens come too. */
  key: string | undefined
  ctx: Pick<Ctx, 'count' | 'log'>
}

const { name } = PUMPPORTAL
const STALE_MS = 5000
/** Mints of one subscription. */
const MOST_KEYS = 500
const EVERY_MS = 30_000

/**
 * PumpPortal’s socket. It has no sequence numbers: what happened while it was closed is lost, and a
 * gap line says so.
 */
export const pumpPortalStream =
  ({ base = PUMPPORTAL.base, key, ctx }: PumpPortalOptions): Stream =>
  loop => {
    const { time } = loop
    let lostAt: number | undefined
    let seenAt = time.now()
    return keepSocket(
      {
        url: key === undefined ? base : `${base}?api-key=${key}`,
        secrets: key === undefined ? [] : [key],
        time,
        rng: makeRng(`pumpportal/${time.now()}`),
        staleMs: STALE_MS,
        pongsCount: true,
        onOpen(send) {
          if (lostAt !== undefined) {
            void loop.put([
              gapLine({
                source: name,
                fromAt: lostAt,
                untilAt: time.now(),
                reason: 'socket closed; this provider cannot replay',
                seenAt: time.now(),
              }),
            ])
            ctx.count('gaps')
          }
          lostAt = undefined
          for (const message of PUMPPORTAL.subscribe) send(message)
          const mints = [...loop.watch.all()].slice(0, MOST_KEYS).map(({ mint }) => mint)
          if (key !== undefined && mints.length > 0)
            send({ method: 'subscribeTokenTrade', keys: mints })
        },
        onMessage(data) {
          ctx.count(`${name} messages`)
          ctx.count(`${name} bytes`, data.length)
          seenAt = time.now()
          void loop.put(loop.desk.take(readMessage(data, seenAt, loop), name, EVERY_MS, true))
          return true
        },
        onClose(reason) {
          lostAt ??= seenAt
          ctx.log.warn(`${name}: ${reason}`)
        },
      },
      loop.signal,
    )
  }

function readMessage(data: Buffer, at: number, { complain }: Loop) {
  try {
    return readPumpPortal(parseJson(data), at, complain)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    complain.rejected(`${name}: ${messageOf(error)}`)
    return []
  }
}
