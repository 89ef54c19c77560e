import { show, UsageError } from '../base/errors.ts'

/**
 * Splits the text of a pipeline into stages of words, as a shell would for plain words and quotes.
 * Everything else a shell knows (variables, redirection, `;`, `&`, globs) is refused instead of
 * being taken literally.
 */
export function splitPipeline(text: string): string[][] {
  const stages: string[][] = [[]]
  const token = /\s+|\||'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s|'"\\<>;&$`*?(){}]|\\.)+)|(.)/gsu
  let isOpen = false
  for (const [whole, single, double, bare, other] of text.matchAll(token)) {
    if (other !== undefined)
      throw new UsageError(`unexpected ${show(other)} in the pipeline; only words, quotes and |`)
    const words = stages.at(-1)!
    const piece = single ?? unslash(double ?? bare)
    if (whole === '|') stages.push([])
    else if (piece !== undefined) {
      if (isOpen) words.push(words.pop()! + piece)
      else words.push(piece)
    }
    isOpen = piece !== undefined
  }
  if (stages.some(words => words.length === 0))
    throw new UsageError(`empty stage in the pipeline ${show(text)}`)
  return stages
}

const unslash = (text: string | undefined): string | undefined => text?.replace(/\\(.)/gs, '$1')
