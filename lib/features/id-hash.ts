/**
 * 53 bits of an id, to recognise a line that comes twice without keeping its text: an id per pool that is replaced with
 * every line would fill the old generation of the heap with garbage. Two FNV-1a style lanes; 0 is no id.
 */
export function idHash(id: string): number {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x85ebca6b)
    b ^= b >>> 15
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11) + 1
}
