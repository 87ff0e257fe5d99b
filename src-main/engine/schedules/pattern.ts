import { Cron } from 'croner'
import { messageOf, RuntimeError } from '../core'

/** The seven fields of a pattern as they were written; what was left out is filled in. */
export interface Fields {
  readonly second: string
  readonly minute: string
  readonly hour: string
  readonly dayOfMonth: string
  readonly month: string
  readonly dayOfWeek: string
  readonly year: string
}

export interface Pattern {
  readonly text: string
  readonly fields: Fields
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /**
   * `passing`: it runs in every hour, so it follows the time that passes. `clock`: it names hours, so each of its local
   * times is run exactly once.
   */
  readonly kind: 'passing' | 'clock'
}

/** The names that crontab files use for common patterns; `@reboot` is no time. */
const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const invalid = (message: string): RuntimeError =>
  new RuntimeError('SCHED_003', message, { details: { field: 'pattern' } })

const fieldsOf = (text: string): Fields => {
  const parts = (NICKNAMES[text.toLowerCase()] ?? text).split(/\s+/)
  if (parts.length < 5 || parts.length > 7)
    throw invalid(
      `A pattern has five fields (minute, hour, day, month, weekday), six (seconds first) or seven (year last); this one has ${parts.length}.`,
    )
  const [second = '', minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = '*'] =
    parts.length === 5 ? ['0', ...parts] : parts
  return { second, minute, hour, dayOfMonth, month, dayOfWeek, year }
}

/** The numbers that a field of plain numbers names; the library has refused whatever is not one. */
export const numbersIn = (field: string, size: number): number[] => {
  const named = new Set<number>()
  for (const token of field.split(',')) {
    const [range = '', step = '1'] = token.split('/')
    const [low = '', high = low] = range.split('-')
    const every = low === '*' || low === '?'
    const from = every ? 0 : Number(low)
    const to = every ? size - 1 : Number(high)
    for (let at = from; at <= to; at += Number(step)) named.add(at)
  }
  return [...named].sort((a, b) => a - b)
}

/** The library's own reason without its class names. */
const reasonOf = (error: unknown): string => {
  const text = messageOf(error)
    .replace(/^CronPattern: /, '')
    .replace(/^configuration entry/, 'the entry')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}

/** @throws SCHED_003 that says what is wrong with it */
export const parsePattern = (written: string): Pattern => {
  const text = written.trim()
  const fields = fieldsOf(text)
  try {
    cronOf(fields, 'UTC')
  } catch (error) {
    throw invalid(reasonOf(error))
  }
  const hours = numbersIn(fields.hour, 24)
  return {
    text,
    fields,
    seconds: numbersIn(fields.second, 60),
    minutes: numbersIn(fields.minute, 60),
    hours,
    kind: hours.length === 24 ? 'passing' : 'clock',
  }
}

/** The library's view of these fields; it only reckons, its timers are never started. */
export const cronOf = (fields: Fields, zone: string): Cron =>
  new Cron(
    [fields.second, fields.minute, fields.hour, fields.dayOfMonth, fields.month, fields.dayOfWeek, fields.year].join(
      ' ',
    ),
    { timezone: zone, paused: true, mode: '7-part' },
  )
