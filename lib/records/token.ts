import {
  address,
  amount,
  bool,
  bps,
  count,
  fraction,
  list,
  map,
  maybe,
  name,
  object,
  type Static,
  text,
  time,
} from './kit.ts'

/** What is known of the token itself. Absent means unknown. */
export const Token = object('facts of the token', {
  symbol: maybe(text('ticker', 64)),
  name: maybe(text('name', 200)),
  decimals: maybe(count('decimals of the base unit', 30)),
  supplyAmount: maybe(amount('total supply')),
  program: maybe(name('token program: token or token-2022')),
  launchpad: maybe(text('where it was launched', 64)),
  creator: maybe(address('wallet that created it')),
  createdAt: maybe(time('creation')),
  mintRevoked: maybe(bool('mint authority is gone')),
  freezeRevoked: maybe(bool('freeze authority is gone')),
  lpBurnedShare: maybe(fraction('share of the liquidity tokens burned or locked')),
  top10Share: maybe(fraction('share of supply held by the ten largest holders, pools excluded')),
  holderCount: maybe(count('holders')),
  extensions: maybe(list('Token-2022 extensions', name('extension'), 64)),
  mayhemMode: maybe(bool('an agent of the launchpad trades it along (pump.fun mayhem mode)')),
  cashback: maybe(bool('part of the fees goes back to who trades it')),
  creatorFeeBps: maybe(bps('what its creator takes of each trade')),
  transferFeeBps: maybe(bps('what its program keeps of each transfer, now or next: the higher')),
  metadataMutable: maybe(bool('name, symbol and picture can still be changed')),
  rugged: maybe(bool('a provider says that it has been rugged')),
  hasSocials: maybe(bool('links to a site or social account')),
  description: maybe(text('description by its creator', 4000)),
  seen: maybe(
    map(
      'provenance per field',
      object('who reported the field and when', {
        source: name('source'),
        at: time('report time'),
      }),
    ),
  ),
})
export type Token = Static<typeof Token>
