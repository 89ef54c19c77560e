import { bool, text, type Values } from '../../base/flags.ts'

/** Flags of single actions of `models`. */
export const manageFlags = {
  id: text('explain: id of the line (default: the first line that it scores)', { value: 'ID' }),
  follow: bool('learn: as lines come, until the input ends'),
  reason: text('why the alias is changed; kept in the history', { default: 'by hand' }),
}
export type ManageFlags = Values<typeof manageFlags>
