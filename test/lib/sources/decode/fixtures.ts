import { PROGRAMS } from '../../../../lib/sources/decode/programs.ts'
import { bool, discriminator, i64, i128, key, text, u8, u16, u64 } from './bytes.ts'

/** Events with invented values, in the field order of the published interfaces. */
const AT = 1_760_000_000

export const pumpCreate = (tail = true): Buffer =>
  Buffer.concat([
    discriminator('event', 'CreateEvent'),
    ...[text('Cat Coin'), text('CAT'), text('ipfs://x'), key(1), key(2), key(3), key(4), i64(AT)],
    ...[
      u64(1_073_000_000_000_000n),
      u64(30_000_000_000n),
      u64(793_100_000_000_000n),
      u64(1_000_000_000_000_000n),
    ],
    ...(tail ? [key(9), bool(false), bool(true), key(0), u64(0)] : []),
  ])

/**
 * The curve after a buy: 1 SOL in. Second form: the first version of the event, without what was
 * appended later.
 */
export const pumpTrade = (isBuy: boolean, tail = true): Buffer =>
  Buffer.concat([
    discriminator('event', 'TradeEvent'),
    ...[key(1), u64(1_000_000_000n), u64(34_612_903_225_806n), bool(isBuy), key(3), i64(AT)],
    ...[u64(31_000_000_000n), u64(1_038_387_096_774_194n)],
    ...(tail
      ? [
          ...[
            u64(1_000_000_000n),
            u64(758_487_096_774_194n),
            key(5),
            u64(95),
            u64(9_500_000n),
            key(4),
            u64(5),
          ],
          ...[
            u64(500_000n),
            bool(true),
            u64(0),
            u64(0),
            u64(0),
            i64(0),
            text('buy'),
            bool(false),
            u64(0),
            u64(0),
          ],
          ...[
            u64(0),
            u64(0),
            Buffer.concat([Buffer.from([1, 0, 0, 0]), key(8), u16(10_000)]),
            key(0),
            u64(0),
          ],
          ...[u64(0), u64(0), u64(0), u64(0), u64(0)],
        ]
      : []),
  ])

/** A curve quoted in a token (USDC): the SOL fields are 0, the quote fields hold the numbers. */
export const pumpQuoteTrade = (quote: Buffer): Buffer =>
  Buffer.concat([
    discriminator('event', 'TradeEvent'),
    ...[
      key(1),
      u64(0),
      u64(5_000_000n),
      bool(false),
      key(3),
      i64(AT),
      u64(0),
      u64(900_000_000_000n),
      u64(0),
      u64(0),
    ],
    ...[
      key(5),
      u64(95),
      u64(0),
      key(4),
      u64(30),
      u64(0),
      bool(false),
      u64(0),
      u64(0),
      u64(0),
      i64(0),
      text('sell'),
    ],
    ...[
      bool(false),
      u64(0),
      u64(0),
      u64(0),
      u64(0),
      Buffer.from([0, 0, 0, 0]),
      quote,
      u64(777n),
      u64(4_000_000n),
    ],
  ])

export const pumpComplete = (): Buffer =>
  Buffer.concat([discriminator('event', 'CompleteEvent'), key(3), key(1), key(2), i64(AT), key(0)])

export const pumpMigrate = (): Buffer =>
  Buffer.concat([
    discriminator('event', 'CompletePumpAmmMigrationEvent'),
    ...[
      key(3),
      key(1),
      u64(206_900_000_000_000n),
      u64(84_990_000_000n),
      u64(0),
      key(2),
      i64(AT),
      key(7),
      key(0),
    ],
  ])

const swapHead = (moved: bigint): Buffer[] => [
  ...[
    i64(AT),
    u64(1_000_000n),
    u64(0),
    u64(0),
    u64(0),
    u64(200_000_000n),
    u64(50_000_000n),
    u64(250_000n),
  ],
  ...[u64(20), u64(500n), u64(5), u64(125n), u64(moved), u64(0), key(7), key(3)],
]
const swapAccounts = [key(10), key(11), key(12), key(13), key(4), u64(30), u64(750n)]
const rebates = (virtual: bigint): Buffer[] => [
  u64(0),
  u64(0),
  u64(0),
  u64(0),
  i128(virtual),
  bool(true),
  u64(0),
]

export const swapBuy = (virtual?: bigint): Buffer =>
  Buffer.concat([
    discriminator('event', 'BuyEvent'),
    ...swapHead(250_500n),
    ...swapAccounts,
    ...[bool(true), u64(0), u64(0), u64(0), i64(0), u64(0), text('buy')],
    ...(virtual === undefined ? [] : rebates(virtual)),
  ])
export const swapSell = (virtual?: bigint): Buffer =>
  Buffer.concat([
    discriminator('event', 'SellEvent'),
    ...swapHead(249_500n),
    ...swapAccounts,
    ...(virtual === undefined ? [] : rebates(virtual)),
  ])
export const swapOpen = (): Buffer =>
  Buffer.concat([
    discriminator('event', 'CreatePoolEvent'),
    ...[
      i64(AT),
      u16(0),
      key(4),
      key(1),
      key(6),
      u8(6),
      u8(9),
      u64(0),
      u64(0),
      u64(206_900_000_000_000n),
    ],
    ...[
      u64(84_990_000_000n),
      u64(100),
      u64(0),
      u64(0),
      u8(255),
      key(7),
      key(14),
      key(10),
      key(11),
      key(4),
      bool(false),
    ],
  ])

/** AMM v4: 2 = base sold for quote. */
export const rayIn = (direction: bigint): Buffer =>
  Buffer.concat([
    u8(3),
    u64(1_000n),
    u64(0),
    u64(direction),
    u64(0),
    u64(1_000_000n),
    u64(500_000n),
    u64(499n),
  ])
export const rayOut = (): Buffer =>
  Buffer.concat([
    u8(4),
    u64(9_999n),
    u64(400n),
    u64(1n),
    u64(0),
    u64(1_000_000n),
    u64(500_000n),
    u64(201n),
  ])
export const rayInit = (): Buffer =>
  Buffer.concat([
    u8(0),
    u64(AT),
    u8(9),
    u8(6),
    u64(0),
    u64(0),
    u64(5_000_000_000n),
    u64(7_000_000n),
    key(0),
  ])

export const cpmmSwap = (tail: Buffer[]): Buffer =>
  Buffer.concat([
    discriminator('event', 'SwapEvent'),
    ...[key(7), u64(1), u64(2), u64(1_000n), u64(2_000n), u64(0), u64(0), bool(true), ...tail],
  ])

export const launchTrade = (isNew: boolean, direction: number): Buffer =>
  Buffer.concat([
    discriminator('event', 'TradeEvent'),
    ...[
      key(7),
      u64(793n),
      u64(1_073n),
      u64(30n),
      u64(100n),
      u64(3n),
      u64(140n),
      u64(5n),
      u64(2n),
      u64(40n),
    ],
    ...[
      u64(0),
      u64(0),
      ...(isNew ? [u64(0)] : []),
      u64(0),
      u8(direction),
      u8(0),
      ...(isNew ? [bool(true)] : []),
    ],
  ])
export const launchCreate = (): Buffer =>
  Buffer.concat([
    discriminator('event', 'PoolCreateEvent'),
    ...[
      key(7),
      key(4),
      key(15),
      u8(6),
      text('Bonk Cat'),
      text('BCAT'),
      text('ipfs://y'),
      u8(0),
      u64(10n ** 15n),
    ],
  ])

/** Log lines of a program that logs data, called at the top. */
export const inFrame = (program: string, ...lines: string[]): string[] => [
  `Program ${program} invoke [1]`,
  ...lines,
  `Program ${program} consumed 40000 of 200000 compute units`,
  `Program ${program} success`,
]
export const data = (bytes: Buffer): string => `Program data: ${bytes.toString('base64')}`
export const ray = (bytes: Buffer): string => `Program log: ray_log: ${bytes.toString('base64')}`
export { PROGRAMS }
