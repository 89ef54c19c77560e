const FAR = 100_000
/**
 * A number of pixels with at most two decimals: beyond what a screen shows, and the same text on
 * every machine.
 */
export const px = (x: number): string =>
  String(Math.round(Math.max(-FAR, Math.min(FAR, x)) * 100) / 100 + 0)

/** Text that cannot be mistaken for markup; characters that XML does not allow become �. */
export const escapeText = (text: string): string =>
  text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

type Attributes = Record<string, string | number | undefined>

/** An SVG element; numbers are pixels, text is escaped, children are markup. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  let out = `<${name}`
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined)
      out += ` ${key}="${typeof value === 'number' ? px(value) : escapeText(value)}"`
  }
  return children.length === 0 ? `${out}/>` : `${out}>${children.join('')}</${name}>`
}

/** A line of text at a place. */
export const label = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escapeText(text))
