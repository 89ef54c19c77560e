declare const BUILD_VERSION: string | undefined

/**
 * Version of package, source and record format. The build puts the first two in; a run from source
 * says so.
 */
export function versionText(): string {
  const build = typeof BUILD_VERSION === 'undefined' ? 'from source' : BUILD_VERSION
  return `sluice ${build} · record v1`
}
