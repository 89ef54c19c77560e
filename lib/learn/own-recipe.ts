import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'

/** What somebody has written down about how a model is made: models/NAME/recipe.json. */
interface OwnRecipe {
  /** Command line for /bin/sh that writes a bundle in place of our own training. */
  trainer?: string
}

const KEYS = ['trainer'] as const

/**
 * The recipe in the folder of a model; empty without one. Throws UsageError for a file that is no
 * JSON object, for keys that mean nothing, and for a trainer that is no line of text.
 */
export function readOwnRecipe(dir: string): OwnRecipe {
  const path = join(dir, 'recipe.json')
  if (!existsSync(path)) return {}
  const value = parsed(path)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${path}: expected an object like {"trainer": "python train.py"}`)
  const odd = Object.keys(value).find(key => !(KEYS as readonly string[]).includes(key))
  if (odd !== undefined)
    throw new UsageError(
      `${path}: unknown key ${show(odd)}${didYouMean(odd, KEYS)}; it may hold ${KEYS.join(', ')}`,
    )
  const { trainer } = value as Record<string, unknown>
  if (trainer === undefined) return {}
  if (typeof trainer !== 'string' || trainer.trim() === '' || /\p{Cc}/u.test(trainer))
    throw new UsageError(`${path}: trainer: expected a command in one line, got ${show(trainer)}`)
  return { trainer: trainer.trim() }
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
}
