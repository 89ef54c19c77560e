import type { Swapper } from '../swapper.ts'
import type { JupiterAt } from './jupiter-body.ts'
import { jupiterV1 } from './jupiter-v1.ts'
import { jupiterV2 } from './jupiter-v2.ts'
import { jupiterV2Order } from './jupiter-v2-order.ts'

/**
 * The APIs of Jupiter by the name of the settings. The first two tell instructions, the last one a
 * transaction that is taken as it is.
 */
export const EXCHANGES = {
  'jupiter-v1': jupiterV1,
  'jupiter-v2': jupiterV2,
  'jupiter-v2-order': jupiterV2Order,
} as const satisfies Record<string, (at: JupiterAt) => Swapper>
export type Exchange = keyof typeof EXCHANGES
export const EXCHANGE_NAMES = Object.keys(EXCHANGES) as readonly Exchange[]
