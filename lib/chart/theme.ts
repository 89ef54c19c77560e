import type { Tone } from './series.ts'

/**
 * Colours on light and on dark ground, told apart also by those who do not see red and green as
 * different.
 */
const COLOURS: Record<Tone, readonly [light: string, dark: string]> = {
  main: ['#1f6feb', '#58a6ff'],
  second: ['#bc6c00', '#e3a008'],
  third: ['#8250df', '#bc8cff'],
  up: ['#0f8a6d', '#35c2a0'],
  down: ['#d1435b', '#ff7b8a'],
  warn: ['#c2410c', '#ff9e64'],
  muted: ['#8a94a3', '#7d8796'],
}
const GROUND = ['#ffffff', '#0d1117'] as const
const INK = ['#1f2328', '#e6edf3'] as const
const SOFT = ['#59636e', '#9198a1'] as const
const GRID = ['#e7eaee', '#22272e'] as const

const FONT = "font:11px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif"

/**
 * Style sheet of a chart: `s-tone` paints lines, `f-tone` areas. It brings its own ground, so that
 * it reads the same wherever it is shown, and follows the reader's choice of light or dark.
 */
export const styleSheet = (): string =>
  [
    `text{${FONT}}.title{font-size:15px;font-weight:600}.head{font-weight:600}.end{text-anchor:` +
      `end}.mid{text-anchor:middle}`,
    '.line{fill:none;stroke-width:1.4;stroke-linejoin:round}.dash{stroke-dasharray:4 ' +
      '3}.area{fill-opacity:.14}.band{fill-opacity:.16}.bar{fill-opacity:.75}',
    colours(0),
    `@media (prefers-color-scheme:dark){${colours(1)}}`,
  ].join('\n')

function colours(of: 0 | 1): string {
  const tones = Object.entries(COLOURS).map(
    ([tone, pair]) => `.s-${tone}{stroke:${pair[of]}}.f-${tone}{fill:${pair[of]}}`,
  )
  return (
    `.ground{fill:${GROUND[of]}}text{fill:${INK[of]}}.soft{fill:${SOFT[of]}}.grid{stroke:` +
    `${GRID[of]};fill:none}${tones.join('')}`
  )
}
