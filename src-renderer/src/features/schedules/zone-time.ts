const formatters = new Map<string, Intl.DateTimeFormat>()

const formatterOf = (zone: string): Intl.DateTimeFormat => {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formatters.set(zone, made)
  return made
}

/** The zone of this machine. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Whether this page knows the zone. */
export const isZone = (zone: string): boolean => {
  try {
    formatterOf(zone)
    return true
  } catch {
    return false
  }
}

/** What the clock there shows, as "2026-10-25 02:30:00". */
export const wallText = (atMs: number, zone: string): string => formatterOf(zone).format(atMs).replace(',', '')

const asUtc = (text: string): number => {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim())
  if (match === null) return Number.NaN
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/**
 * When the clock there shows this; null when the text is no date. A time that exists twice is the first, one that does
 * not exist is as far after the gap as it lies in it: the engine's preview says so before anything is saved.
 */
export const instantOf = (wall: string, zone: string): number | null => {
  const wanted = asUtc(wall)
  if (Number.isNaN(wanted) || !isZone(zone)) return null
  const offsetAt = (atMs: number): number => asUtc(wallText(atMs, zone)) - atMs
  const day = 86_400_000
  const [before, after] = [offsetAt(wanted - day), offsetAt(wanted + day)]
  const shown = [wanted - before, wanted - after].filter((atMs) => atMs + offsetAt(atMs) === wanted)
  return shown.length === 0 ? wanted - before : Math.min(...shown)
}
