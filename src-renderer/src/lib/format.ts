/** Every number and time that the console shows is written here, so that the same value reads the same everywhere. */

const pad = (value: number, width = 2) => String(value).padStart(width, '0')

/** 1234567 → "1,234,567". */
export const formatCount = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes in binary units, three significant digits: 1536 → "1.5 KiB". */
export const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${Number(value.toFixed(digits))} ${BYTE_UNITS[unit] ?? 'B'}`
}

/** 12.345 → "12.3 %". */
export const formatPercent = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} %`

/** A length of time: 0.42 → "0.4 ms", 850 → "850 ms", 4200 → "4.2 s", 192000 → "3 min 12 s". */
export const formatDuration = (ms: number): string => {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`
}

/** How long ago: "now", "12 s ago", "3 min ago", "2 h ago", "5 d ago". A time in the future counts as now. */
export const formatAge = (atMs: number, nowMs: number): string => {
  const seconds = Math.floor((nowMs - atMs) / 1000)
  if (seconds < 2) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** What is left of a time: 272000 → "4:32", 3700000 → "1:01:40". Never below zero. */
export const formatCountdown = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`
}

/** A length of time in minutes, as a person would say it: 15 → "15 minutes", 60 → "1 hour", 2880 → "2 days". */
export const formatMinutes = (minutes: number): string => {
  const [size, word] = minutes % 1440 === 0 ? [1440, 'day'] : minutes % 60 === 0 ? [60, 'hour'] : [1, 'minute']
  return plural(minutes / size, word)
}

/** Local time of day: "14:03:22". */
export const formatClock = (atMs: number): string => {
  const at = new Date(atMs)
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`
}

/** Local time of day to the millisecond: "14:03:22.051". */
export const formatClockMs = (atMs: number): string =>
  `${formatClock(atMs)}.${pad(new Date(atMs).getMilliseconds(), 3)}`

/** Local date and time: "2026-11-22 14:03:22". */
export const formatDateTime = (atMs: number): string => {
  const at = new Date(atMs)
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${formatClock(atMs)}`
}

/** An id or a hash, short enough to read and long enough to tell apart. */
export const shortId = (id: string): string => (id.length <= 13 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`)

/** "1 agent", "3 agents". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`
