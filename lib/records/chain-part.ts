import { address, amount, count, maybe, name, object, oneOf, positive, type Static } from './kit.ts'

/** What the chain of live trading was like, as its node told it. */
export const Chain = object('what the chain is like', {
  name: name('which chain, and as of which hour'),
  slotMs: positive('mean time from slot to slot', 'ms'),
  lifetimeBlocks: count('blocks after which a blockhash is dead'),
  tokenAccountRent: amount('deposit for a token account of 165 bytes', 'lamports'),
  consensus: oneOf('how blocks are decided', ['tower', 'alpenglow', 'unknown']),
  commitment: oneOf('from which word of the node on nothing is taken back', [
    'confirmed',
    'finalized',
  ]),
  transactionVersion: count('highest version of a transaction that is taken', 127),
  genesis: maybe(address('hash of the first block')),
})
export type Chain = Static<typeof Chain>
