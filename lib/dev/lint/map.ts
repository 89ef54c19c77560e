import { importsOf } from './imports.ts'
import { drawFloors } from './map-picture.ts'
import { house, readTree } from './source-tree.ts'

/**
 * Prints which folder of cmd/ and lib/ imports from which, by floors, from the files as they are.
 */
const files = house(readTree(['cmd', 'lib']))
process.stdout.write(
  drawFloors(
    importsOf(files),
    files.map(file => file.name),
  ),
)
