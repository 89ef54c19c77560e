import { show } from './errors.ts'

/**
 * What must not be read by anybody beside the owner, and how to speak of it. A key, an address with
 * one in it and the words of a hook are noted where they are read, and taken out of every message
 * by the few functions that write messages. Whatever else a message quotes, addresses in it keep
 * their host only.
 */
const noted = new Set<string>()

/** Shorter texts are in everything. */
const LEAST = 4
/** So much of the beginning tells a secret that was cut short in a message. */
const HEAD = 16

/** Notes a secret, with those parts of an address or of a command line that hold it. */
export function noteSecret(value: unknown): void {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(noteSecret)
  if (typeof value !== 'string') return
  for (const part of addressParts(value) ?? [value, ...wordParts(value)])
    if (part.length >= LEAST) noted.add(part)
}

/** Notes what stands where a file with a secret, or an address, belongs; not the name of a file. */
export function noteUnlessFile(value: unknown): void {
  if (Array.isArray(value)) value.forEach(noteUnlessFile)
  else if (typeof value !== 'string' || !isFileName(value)) noteSecret(value)
}

/** All of an address but its host. */
function addressParts(text: string): string[] | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.host === '') return undefined
  const words = url.pathname.split('/').filter(word => word.length >= HEAD)
  const whole = [url.pathname + url.search, url.search, url.hash].filter(part => part.length > 1)
  return [...whole, ...words, ...url.searchParams.values(), url.username, url.password]
}

/** Words that look made rather than spoken: with a digit, or with capitals. */
const wordParts = (text: string): string[] =>
  text.split(/[\s:=,;'"?&|]+/).filter(word => word.length >= 8 && /[A-Z\d]/.test(word))

/** A path, or a name with an extension; an address or a key is neither. */
const isFileName = (text: string): boolean =>
  !/\s|:\/\//.test(text) && (/^(~|\.{1,2})?\//.test(text) || /^[\w.-]+\.[a-z]{2,5}$/i.test(text))

/** Any text for people without what was noted, and without more of an address than its host. */
export function withoutSecrets(text: string): string {
  let out = text
  for (const secret of noted) out = cutOut(out, secret)
  return out.replace(ADDRESS, shortAddress)
}

/** Also where the text holds the beginning alone, as of a value that was shortened. */
function cutOut(text: string, secret: string): string {
  const head = secret.slice(0, HEAD)
  let out = text
  for (let at = out.indexOf(head); at >= 0; at = out.indexOf(head, at + 3)) {
    let end = at + head.length
    while (end < out.length && end - at < secret.length && out[end] === secret[end - at]) end++
    out = `${out.slice(0, at)}***${out.slice(end)}`
  }
  return out
}

/** Not of files: stacks tell where our own code is. */
const ADDRESS = /\b(?!file:)([a-z][a-z0-9+.-]{1,15}:\/\/)([^\s"'`<>\\]+)/gi

function shortAddress(_whole: string, scheme: string, rest: string): string {
  const [authority = '', ...more] = rest.split(/(?=[/?#])/)
  const tail = more.join('')
  const host = authority.split('@').at(-1)!
  return `${scheme}${host}${tail === '' || tail === '/' ? tail : '/***'}`
}

/**
 * A setting that may hold a secret, as it can be shown: the name of a file whole, of an address the
 * host, of a command line the program.
 */
export function shownSecret(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shownSecret)
  if (typeof value !== 'string') return typeof value === 'object' ? '***' : value
  if (isFileName(value)) return value
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return value.replace(ADDRESS, shortAddress)
  const program = /^([\w./~-]*\/)?[a-z][a-z_.-]*\d?(?=\s)/.exec(value)?.[0]
  return program === undefined ? '***' : `${program} ***`
}

/**
 * A value of a setting for a message that says what is wrong with it: whole where it is a number, a
 * measure or a short word, else only what kind of thing it is. Where it stands is in the message.
 */
export function shownSetting(value: unknown): string {
  if (typeof value === 'string')
    return value.length <= 6 || /^[-+.,:\d\s]+[a-z%]{0,3}$/i.test(value)
      ? show(value)
      : `a text of ${value.length} letters`
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object'
  return show(value)
}
