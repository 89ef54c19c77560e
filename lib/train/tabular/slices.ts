import { PLATT_MIN_OF_CLASS } from './calibration.ts'
import type { FitSettings, Part, Parts } from './fit-head.ts'

/** Fewer rows say too little about when to stop. */
const STOP_MIN_ROWS = 50
const CALIBRATION_MIN_ROWS = 50

type Asked = Pick<FitSettings, 'objective'>

/** Why the stopping slice cannot end boosting; undefined when it can. */
export function stopRefusal({ stop }: Parts, { objective }: Asked): string | undefined {
  const { label } = stop
  if (label.length < STOP_MIN_ROWS)
    return (
      `no early stopping: the stopping part has ${countOf(label.length)}, ${STOP_MIN_ROWS} are ` +
      'needed'
    )
  return objective === 'binary' && hasOneClass(label)
    ? `no early stopping: all ${label.length} rows of the stopping part are ${label[0]}`
    : undefined
}

/** Why the calibration slice cannot calibrate a 0/1 head; undefined when it can. */
export function calibrationRefusal({ calibration }: Parts): string | undefined {
  const { label } = calibration
  if (label.length < CALIBRATION_MIN_ROWS)
    return (
      `not calibrated: the calibration part has ${countOf(label.length)}, ` +
      `${CALIBRATION_MIN_ROWS} are needed`
    )
  const ones = label.reduce((sum, y) => sum + y, 0)
  const rarer = Math.min(ones, label.length - ones)
  return rarer < PLATT_MIN_OF_CLASS
    ? `not calibrated: the rarer class has ${countOf(rarer)} in the calibration part, ` +
        `${PLATT_MIN_OF_CLASS} are needed`
    : undefined
}

/** What the test part cannot tell; undefined when it can tell all. */
export function testRemark({ test }: Parts, { objective }: Asked): string | undefined {
  if (test.label.length === 0) return 'not tested: the test part has no rows'
  return objective === 'binary' && hasOneClass(test.label)
    ? `no test AUC: all ${test.label.length} rows of the test part are ${test.label[0]}`
    : undefined
}

const hasOneClass = (label: Part['label']): boolean => label.every(y => y === label[0])
const countOf = (rows: number): string =>
  rows === 0 ? 'no rows' : rows === 1 ? '1 row' : `${rows} rows`
