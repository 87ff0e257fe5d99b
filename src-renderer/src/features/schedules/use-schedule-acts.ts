import type { Schedule } from '@contract'
import { useCommand } from '@/lib/queries'
import { toastDone, toastError } from '@/ui'

export interface ScheduleActs {
  readonly busy: boolean
  readonly canPause: boolean
  readonly canResume: boolean
  readonly pause: () => Promise<void>
  /** Also revives a dead letter. */
  readonly resume: () => Promise<void>
  readonly runNow: () => Promise<void>
}

/** What a person can do with a schedule at once; each says what came of it. */
export const useScheduleActs = (schedule: Schedule | undefined): ScheduleActs => {
  const pause = useCommand('schedules.pause')
  const resume = useCommand('schedules.resume')
  const trigger = useCommand('schedules.trigger')
  const status = schedule?.status
  const canPause = status === 'active'
  const canResume = status === 'paused' || status === 'dead-letter'
  const name = schedule?.definition.name ?? ''
  return {
    busy: pause.busy || resume.busy || trigger.busy,
    canPause,
    canResume,
    async pause() {
      if (schedule === undefined || !canPause) return
      const outcome = await pause.run({ id: schedule.id })
      if (outcome.ok) toastDone(`${name} is paused.`)
      else toastError(outcome.error)
    },
    async resume() {
      if (schedule === undefined || !canResume) return
      const outcome = await resume.run({ id: schedule.id })
      if (outcome.ok) toastDone(status === 'dead-letter' ? `${name} is revived.` : `${name} goes on.`)
      else toastError(outcome.error)
    },
    async runNow() {
      if (schedule === undefined) return
      const outcome = await trigger.run({ id: schedule.id })
      if (!outcome.ok) toastError(outcome.error)
      else if (outcome.value.state === 'skipped') toastDone(`Not run now: ${outcome.value.reason ?? 'it was skipped.'}`)
      else toastDone(`${name} was asked for a run.`)
    },
  }
}
