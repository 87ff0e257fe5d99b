import type { CatchUp, Schedule, ScheduleRun } from '@contract'
import type { StateShape } from '@/ui'

interface Look {
  readonly word: string
  readonly shape: Parameters<typeof StateShape>[0]['shape']
  readonly colour: string
}

export const SCHEDULE_LOOKS = {
  active: { word: 'Active', shape: 'ring', colour: 'text-run' },
  paused: { word: 'Paused', shape: 'bars', colour: 'text-hold' },
  completed: { word: 'Completed', shape: 'check', colour: 'text-ok' },
  'dead-letter': { word: 'Dead letter', shape: 'cross', colour: 'text-bad' },
} as const satisfies Record<Schedule['status'], Look>

export const RUN_LOOKS = {
  waiting: { word: 'Waiting', shape: 'half', colour: 'text-wait' },
  running: { word: 'Running', shape: 'play', colour: 'text-run' },
  succeeded: { word: 'Succeeded', shape: 'check', colour: 'text-ok' },
  failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
  skipped: { word: 'Skipped', shape: 'hollow-square', colour: 'text-text-2' },
} as const satisfies Record<ScheduleRun['state'], Look>

export const RUN_STATE_ORDER = Object.keys(RUN_LOOKS) as readonly ScheduleRun['state'][]

/** What made a run due. */
export const TRIGGERS = {
  calendar: 'the calendar',
  'catch-up': 'catching up',
  person: 'a person',
} as const satisfies Record<ScheduleRun['trigger'], string>

export const CATCH_UPS = {
  none: { word: 'Leave them out', gloss: 'Times that pass while the console is closed are not run.' },
  one: { word: 'Run once', gloss: 'One run stands for all times that passed while the console was closed.' },
  all: { word: 'Run each', gloss: 'Each time that passed is run, one after the other, the last 100 at most.' },
} as const satisfies Record<CatchUp, { word: string; gloss: string }>

export const CATCH_UP_ORDER = Object.keys(CATCH_UPS) as readonly CatchUp[]
