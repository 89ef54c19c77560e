import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Every page that is kept true: README, and what lies beside what it describes. */
export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'cmd/README.md',
  'lib/README.md',
  'lib/records/README.md',
  'lib/features/README.md',
  'models/README.md',
  'pipelines/README.md',
  'bench/README.md',
  'bench/peers/README.md',
] as const

/** README is read in one sitting. */
const README_LINES = 300

/**
 * What is wrong with the pages: links that lead nowhere, anchors without a heading, a long README.
 */
export function faultsOf(pages: readonly string[]): string[] {
  const faults: string[] = []
  for (const page of pages) {
    const text = readFileSync(page, 'utf8')
    const lines = text.split('\n').length - 1
    if (page === 'README.md' && lines > README_LINES)
      faults.push(`README.md has ${lines} lines; ${README_LINES} is the most`)
    for (const link of linksOf(text)) {
      const fault = faultOf(page, link)
      if (fault !== undefined) faults.push(`${page}: ${link}: ${fault}`)
    }
  }
  return faults
}

/** Folders directly under lib that the map of the rooms leaves out. */
export function roomsWithoutName(map: string, folders: readonly string[]): string[] {
  return folders.filter(folder => !map.includes(`| [${folder}](${folder}) |`))
}

/** Targets of the links and pictures of a page, those in code left out. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(found => found[1]!)
}

/** Why a link leads nowhere; undefined when it leads somewhere. Addresses are not asked. */
function faultOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(target)) return 'there is no such file'
  if (anchor === undefined || !target.endsWith('.md')) return undefined
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? undefined : 'no such heading'
}

/** Anchors of the headings of a page, as GitHub makes them: lower case, words joined by dashes. */
export function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '')
  const titles = [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(found => found[1]!)
  return new Set(
    titles.map(title =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}
