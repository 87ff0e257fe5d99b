import type { ComingTime, When } from '@contract'
import type { Clock } from '../core'
import { type Calendar, calendarOf } from './calendar'
import { describeWhen } from './describe'
import { localText, offsetText, timeText } from './local-text'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** So much reckoning before others get the thread. */
const SLICE_MS = 5

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const lengthText = (ms: number): string => {
  const minutes = Math.round(Math.abs(ms) / MINUTE_MS)
  if (minutes % 60 !== 0) return `${minutes} minutes`
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`
}

/** What a person should know of this time where the clock is put forward or back around it. */
const noteOf = ({ zone, pattern }: Calendar, atMs: number): string | null => {
  const change = zone.changeNear(atMs)
  if (change === null) return null
  const local = zone.localMs(atMs)
  const lengthMs = change.afterMs - change.beforeMs
  if (lengthMs > 0) {
    const gapStart = timeText(change.atMs + change.beforeMs)
    const gapEnd = timeText(change.atMs + change.afterMs)
    if (atMs === change.atMs && pattern?.kind === 'clock')
      return `Times from ${gapStart} to ${gapEnd} do not exist on this day; they are run at ${gapEnd}.`
    if (Math.abs(atMs - change.atMs) > 12 * HOUR_MS) return null
    return `The clock is put forward by ${lengthText(lengthMs)} at ${gapStart}${atMs < change.atMs ? ', after this time' : ', before this time'}.`
  }
  const repeated = local >= change.atMs + change.afterMs && local < change.atMs + change.beforeMs
  if (repeated && pattern?.kind === 'passing')
    return `${timeText(local)} comes twice on this day; this is the ${atMs < change.atMs ? 'first' : 'second'}.`
  if (repeated) return `${timeText(local)} comes twice on this day; it is run the first time only.`
  if (Math.abs(atMs - change.atMs) > 12 * HOUR_MS) return null
  return `The clock is put back by ${lengthText(lengthMs)} at ${timeText(change.atMs + change.beforeMs)}${atMs < change.atMs ? ', after this time' : ', before this time'}.`
}

const comingTime = (calendar: Calendar, atMs: number): ComingTime => ({
  atMs,
  local: localText(calendar.zone.localMs(atMs)),
  offset: offsetText(calendar.zone.offsetMs(atMs)),
  note: noteOf(calendar, atMs),
})

/**
 * The next times of a pattern, as they will be read there, and the pattern in words.
 * @throws SCHED_003
 */
export const previewOf = async (
  when: When,
  { count, fromMs, clock }: { count: number; fromMs: number; clock: Pick<Clock, 'monotonicMs'> },
): Promise<{ times: ComingTime[]; description: string }> => {
  const calendar = calendarOf(when)
  const times: ComingTime[] = []
  let sliceMs = clock.monotonicMs()
  for (let at = calendar.next(fromMs); at !== null && times.length < count; at = calendar.next(at)) {
    times.push(comingTime(calendar, at))
    if (clock.monotonicMs() - sliceMs < SLICE_MS) continue
    await pause()
    sliceMs = clock.monotonicMs()
  }
  return { times, description: describeWhen(when, calendar) }
}
