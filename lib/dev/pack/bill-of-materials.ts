/** A package as package-lock.json (lockfileVersion 3) knows it. */
interface Locked {
  version: string
  license?: string
  integrity?: string
  optional?: boolean
  /** Only development, or a peer that may be missing, asks for it. */
  dev?: boolean
  devOptional?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** What package-lock.json holds, by path: `node_modules/a/node_modules/b`; '' is this package. */
export interface LockFile {
  name: string
  version: string
  packages: Record<string, Locked>
}

/**
 * What an install of this package consists of, as a CycloneDX 1.6 bill of materials: every package
 * that npm brings, with the hash that the lock file demands, and those whose code is bundled into
 * ours. The same lock file gives the same bytes: there is no time and no serial number in it.
 */
export function billOfMaterials(lock: LockFile, bundled: readonly string[]): string {
  const { name, version } = lock
  const root = lock.packages['']!
  const paths = reached(lock, ['', ...bundled])
  const self = purl(name, version)
  const refOf = (path: string): string =>
    path === '' ? self : purl(nameOf(path), lock.packages[path]!.version)
  // One package may lie at several paths.
  const components = new Map<string, object>()
  const needs = new Map<string, Set<string>>([[self, new Set(bundled.map(refOf))]])
  for (const path of paths) {
    const ref = refOf(path)
    if (path !== '')
      components.set(ref, componentOf(path, lock.packages[path]!, bundled.includes(path)))
    const found = needs.get(ref) ?? new Set()
    for (const need of needsOf(lock, path)) found.add(refOf(need))
    needs.set(ref, found)
  }
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name,
        version,
        purl: self,
        ...licences(root.license),
      },
    },
    components: [...components.values()],
    dependencies: [...needs].map(([ref, found]) => ({ ref, dependsOn: [...found].sort() })),
  }
  return `${JSON.stringify(bill, null, 1)}\n`
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13)

/** Package URL (github.com/package-url/purl-spec, type npm): the @ of a scope is escaped. */
const purl = (name: string, version: string): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version}`

function componentOf(path: string, locked: Locked, isBundled: boolean) {
  const { version, license, integrity, optional } = locked
  const name = nameOf(path)
  return {
    type: 'library',
    'bom-ref': purl(name, version),
    name,
    version,
    purl: purl(name, version),
    scope: optional ? 'optional' : 'required',
    ...hashes(integrity),
    ...licences(license),
    ...(isBundled && { properties: [{ name: 'sluice:bundled', value: 'true' }] }),
  }
}

/** The lock file’s Subresource Integrity text is base64, CycloneDX wants hex. */
function hashes(integrity: string | undefined) {
  const [alg, text] = integrity?.split('-') ?? []
  if (alg !== 'sha512' || text === undefined) return {}
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(text, 'base64').toString('hex') }] }
}

function licences(license: string | undefined) {
  if (license === undefined) return {}
  // Several licences together are an SPDX expression.
  return {
    licenses: [/[\s()]/.test(license) ? { expression: license } : { license: { id: license } }],
  }
}

/** Paths of all that these packages lead to, sorted; what only development needs is not in it. */
function reached(lock: LockFile, from: readonly string[]): string[] {
  const found = new Set(from)
  for (const path of found) for (const need of needsOf(lock, path)) found.add(need)
  return [...found].sort()
}

/** Paths of what a package needs, found as Node does: in its own folder first. */
function needsOf({ packages }: LockFile, path: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = packages[path]!
  const own = { ...dependencies, ...optionalDependencies }
  return Object.keys({ ...own, ...peerDependencies }).flatMap(name => {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`
      const found = packages[candidate]
      const isPeerOfOurs = !(name in own) && (found?.dev || found?.devOptional)
      if (found !== undefined) return isPeerOfOurs ? [] : [candidate]
      if (at === '') return []
    }
  })
}
