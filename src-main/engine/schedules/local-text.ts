const MINUTE_MS = 60_000

const two = (value: number): string => String(value).padStart(2, '0')

/** An offset as +02:00. */
export const offsetText = (offsetMs: number): string => {
  const minutes = Math.abs(Math.round(offsetMs / MINUTE_MS))
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Local milliseconds as 2026-10-25 02:30:00. */
export const localText = (localMs: number): string => new Date(localMs).toISOString().slice(0, 19).replace('T', ' ')

/** Its hour and minute. */
export const timeText = (localMs: number): string => localText(localMs).slice(11, 16)
