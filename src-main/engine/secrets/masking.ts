import type { Redactor } from '../core'

/** Lines shorter than this would mask ordinary words. */
const MIN_LINE_LENGTH = 8
const MAX_LINES = 64

/**
 * Mask a value in everything that passes the redactor: the text itself, as JSON writes it, and its single lines, since
 * a log prints line by line. Returns how to stop.
 */
export const maskValue = (redactor: Redactor, value: string): (() => void) => {
  const forms = new Set([value, JSON.stringify(value).slice(1, -1)])
  const lines = value.split(/\r?\n/)
  if (lines.length > 1)
    for (const line of lines.slice(0, MAX_LINES)) if (line.trim().length >= MIN_LINE_LENGTH) forms.add(line)
  const stops = [...forms].map((form) => redactor.track(form))
  return () => {
    for (const stop of stops) stop()
  }
}
