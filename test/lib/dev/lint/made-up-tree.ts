import { type SourceFile, sourceFile } from '../../../../lib/dev/lint/source-tree.ts'

/** A tree of files that exist in the test alone: path → text. */
export const treeOf = (files: Record<string, string>): SourceFile[] =>
  Object.entries(files).map(([name, text]) => sourceFile(name, text))
