/** Text as an SQL literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
/** A name as an SQL identifier. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`
/** Texts as an SQL list literal. */
export const quoteList = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`
