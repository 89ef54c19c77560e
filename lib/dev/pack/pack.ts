import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell } from '../../cli/log.ts'

/** What an install consists of (lib/dev/pack/bill-of-materials.ts); it lies in the package, too. */
const BILL = 'sluice.cdx.json'

/**
 * Packs what is built: pack.ts FOLDER [--sluice-only]. Beside the package lie its bill of materials
 * and the checksums of both. With --sluice-only the package puts the
 * single name `sluice` on PATH: npm cannot choose between the names of a package when it installs
 * one, so the choice is made here.
 */
const [folder, choice] = process.argv.slice(2)
if (folder === undefined || (choice !== undefined && choice !== '--sluice-only'))
  throw new Error('usage: pack.ts FOLDER [--sluice-only]')

interface Packed {
  filename: string
  size: number
  files: { path: string }[]
}

/** What npm makes of a folder, which is built already: its own prepack does not run. */
function npmPack(...argv: string[]): Packed {
  const words = ['pack', '--json', '--ignore-scripts', '--loglevel=error', ...argv]
  const [packed] = JSON.parse(execFileSync('npm', words, { encoding: 'utf8' })) as Packed[]
  return packed!
}

/** As `sha256sum --check` reads them. */
function writeChecksums(...names: string[]): void {
  const lines = names.map(name => {
    const hash = createHash('sha256')
      .update(readFileSync(join(folder!, name)))
      .digest('hex')
    return `${hash}  ${name}\n`
  })
  writeFileSync(join(folder!, 'SHA256SUMS'), lines.join(''))
}

function packSluiceOnly(destination: string): Packed {
  const stage = mkdtempSync(join(tmpdir(), 'sluice-pack-'))
  try {
    for (const { path } of npmPack('--dry-run').files) cpSync(path, join(stage, path))
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { sluice: string } }
    const { sluice } = manifest.bin
    writeFileSync(join(stage, 'package.json'), JSON.stringify({ ...manifest, bin: { sluice } }))
    return npmPack(stage, '--pack-destination', destination)
  } finally {
    rmSync(stage, { recursive: true })
  }
}

const { filename, size, files } =
  choice === undefined ? npmPack('--pack-destination', folder) : packSluiceOnly(folder)
copyFileSync('dist/sbom.cdx.json', join(folder, BILL))
writeChecksums(filename, BILL)
const names = choice === undefined ? 'sluice and its own names' : 'sluice only'
tell(`${join(folder, filename)}: ${names}, ${files.length} files, ${Math.ceil(size / 1000)} kB`)
