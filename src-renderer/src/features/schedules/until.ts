import { formatCountdown } from '@/lib/format'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How far away a time is: "in 4:32", "in 3 h 12 min", "in 5 d 3 h"; "now" once it has come. */
export const untilText = (untilMs: number, nowMs: number): string => {
  const leftMs = untilMs - nowMs
  if (leftMs <= 0) return 'now'
  if (leftMs < HOUR_MS) return `in ${formatCountdown(leftMs)}`
  if (leftMs < DAY_MS) return `in ${Math.floor(leftMs / HOUR_MS)} h ${Math.floor((leftMs % HOUR_MS) / MINUTE_MS)} min`
  const days = Math.floor(leftMs / DAY_MS)
  return days < 100 ? `in ${days} d ${Math.floor((leftMs % DAY_MS) / HOUR_MS)} h` : `in ${days} d`
}

/** Whether its text changes by the second. */
export const isNear = (untilMs: number, nowMs: number): boolean => untilMs - nowMs < HOUR_MS
