import { RECIPE_PARAMETERS, recipeFields } from '../../learn/recipe/recipe-fields.ts'

/** Every field of recipe.json with what it may hold, from its declaration. */
export async function recipeReference(): Promise<string> {
  const rows = Object.entries(recipeFields).map(([name, { doc, kind, choices, shown }]) => {
    const may = choices === undefined ? kind : choices.map(word => `\`${word}\``).join(' ')
    return `| \`${name}\` | ${may} | ${shown || ''} | ${doc} |`
  })
  const parameters = Object.entries(RECIPE_PARAMETERS)
    .filter(([, flags]) => Object.keys(flags).length > 0)
    .map(([algo, flags]) => `${algo}: ${Object.keys(flags).join(', ')}`)
  return [
    '| field | may be | default | what it says |',
    '|---|---|---|---|',
    ...rows,
    '| `parameters` | object | | flags of `train` that the algorithm has; ' +
      `${parameters.join('; ')} |`,
    '',
    '',
  ].join('\n')
}
