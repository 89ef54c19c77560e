import { UsageError } from '../../base/errors.ts'
import { didYouMean } from '../../base/suggest.ts'
import { encode } from '../../stream/encode.ts'
import { readRecipe, recipeNames, recipeRoots } from './model-recipe.ts'

/**
 * The recipe of a model as one line of JSON, or one field of it as plain text: a list with commas.
 * Throws UsageError for models without one, and for fields that it does not have.
 */
export function recipeText(
  name: string,
  field: string | undefined,
  models: string | undefined,
  home: string,
): string {
  const roots = recipeRoots(models, home)
  const recipe = readRecipe(name, roots)
  if (recipe === undefined)
    throw new UsageError(
      `no recipe.json of a model ${name}${didYouMean(name, recipeNames(roots))} ` +
        `(looked in ${roots.join(' and ')})`,
    )
  const known = Object.entries(recipe).filter(([, value]) => value !== undefined)
  if (field === undefined) return `${encode(Object.fromEntries(known))}\n`
  const found = known.find(([key]) => key === field)
  if (found === undefined)
    throw new UsageError(
      `the recipe of ${name} says no ${field}${didYouMean(
        field,
        known.map(([key]) => key),
      )}`,
    )
  const value = found[1]
  return `${typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : value}\n`
}
