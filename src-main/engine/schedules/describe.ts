import type { When } from '@contract'
import type { Calendar } from './calendar'
import { localText } from './local-text'
import { type Fields, numbersIn, type Pattern } from './pattern'

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']

const two = (value: number): string => String(value).padStart(2, '0')

const joined = (parts: readonly string[], word = 'and'): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`

const isStar = (field: string): boolean => field === '*' || field === '?'

/** The n of a field that is nothing but every n-th, where n divides the whole evenly; 1 for a star. */
const evenStep = (field: string, size: number): number | null => {
  if (isStar(field)) return 1
  const step = Number(/^[*?]\/(\d+)$/.exec(field)?.[1] ?? Number.NaN)
  return size % step === 0 ? step : null
}

/** The two ends of a field that is one unbroken range. */
const rangeOf = (values: readonly number[]): readonly [number, number] | null => {
  const [first, last] = [values[0], values.at(-1)]
  if (first === undefined || last === undefined || values.length < 3) return null
  return last - first === values.length - 1 ? [first, last] : null
}

const every = (count: number, unit: string): string => (count === 1 ? `Every ${unit}` : `Every ${count} ${unit}s`)

const listed = (values: readonly number[], unit: string): string => {
  const range = rangeOf(values)
  if (range !== null) return `${unit}s ${range[0]} to ${range[1]}`
  return `${unit}${values.length === 1 ? '' : 's'} ${joined(values.map(String))}`
}

const MOST_TIMES = 6

/** Times of the day, in the shortest words that are exact. */
const timesText = ({ fields, seconds, minutes, hours }: Pattern): string => {
  const [secondStep, minuteStep, hourStep] = [
    evenStep(fields.second, 60),
    evenStep(fields.minute, 60),
    evenStep(fields.hour, 24),
  ]
  const fullMinute = seconds.length === 1 && seconds[0] === 0
  const withSeconds = fullMinute ? '' : ` and ${listed(seconds, 'second')}`
  const hourRange = rangeOf(hours)
  const within =
    hours.length === 24 ? '' : hourRange === null ? null : `, from ${two(hourRange[0])}:00 to ${two(hourRange[1])}:59`

  if (secondStep !== null && minuteStep === 1 && within !== null) return `${every(secondStep, 'second')}${within}`
  if (fullMinute && minuteStep !== null && within !== null) return `${every(minuteStep, 'minute')}${within}`
  if (minutes.length === 1 && seconds.length === 1 && hourStep !== null) {
    if (fullMinute && minutes[0] === 0) return `${every(hourStep, 'hour')}, on the hour`
    return `${every(hourStep, 'hour')}, at minute ${minutes[0]}${withSeconds}`
  }
  if (seconds.length * minutes.length * hours.length <= MOST_TIMES) {
    const times = hours.flatMap((hour) =>
      minutes.flatMap((minute) =>
        seconds.map((second) => `${two(hour)}:${two(minute)}${fullMinute ? '' : `:${two(second)}`}`),
      ),
    )
    return `At ${joined(times)}`
  }
  const minuteText = minutes.length === 60 ? 'every minute' : listed(minutes, 'minute')
  const hourText = hours.length === 24 ? 'every hour' : listed(hours, 'hour')
  const secondText = fullMinute ? '' : `${seconds.length === 60 ? 'every second' : listed(seconds, 'second')} of `
  return `At ${secondText}${minuteText} of ${hourText}`
}

const nameOf = (names: readonly string[], token: string, first: number): string => {
  const at = /^\d+$/.test(token)
    ? Number(token) - first
    : names.findIndex((name) => name.toUpperCase().startsWith(token))
  return names[at % names.length] ?? token
}

/** A list of names, ranges and steps, as it was written. */
const namesText = (field: string, names: readonly string[], first: number): string =>
  joined(
    field.split(',').map((token) => {
      const [range = '', step] = token.split('/')
      const [low = '', high] = range.split('-')
      const text = isStar(low)
        ? `${names[0]} to ${names.at(-1)}`
        : high === undefined
          ? nameOf(names, low, first)
          : `${nameOf(names, low, first)} to ${nameOf(names, high, first)}`
      return step === undefined ? text : `every ${step}th from ${text}`
    }),
  )

const weekdaysText = (written: string): string => {
  const field = written.replace(/^\+/, '')
  const nth = /^([^#,]+)#(\d|L)$/.exec(field)
  if (nth !== null) {
    const which = nth[2] === 'L' ? 'last' : (ORDINALS[Number(nth[2]) - 1] ?? `${nth[2]}th`)
    return `on the ${which} ${namesText(nth[1] ?? '', WEEKDAYS, 0)} of the month`
  }
  if (/[#L]/.test(field.replace(/[A-Z]{3}/g, ''))) return `on weekdays matching ${field}`
  return `on ${namesText(field, WEEKDAYS, 0)}`
}

const daysOfMonthText = (field: string): string => {
  if (field === 'L') return 'on the last day of the month'
  const nearest = /^(\d+)W$/.exec(field)
  if (nearest !== null) return `on the working day nearest to day ${nearest[1]} of the month`
  if (/[LW]/.test(field)) return `on days of the month matching ${field}`
  const step = /^[*?]\/(\d+)$/.exec(field)
  if (step !== null) return `on every ${step[1]}th day of the month from day 1`
  return `on ${listed(numbersIn(field, 31), 'day')} of the month`
}

const daysText = ({ dayOfMonth, dayOfWeek }: Fields): string => {
  const [anyDay, anyWeekday] = [isStar(dayOfMonth), isStar(dayOfWeek)]
  if (anyDay && anyWeekday) return ''
  if (anyDay) return weekdaysText(dayOfWeek)
  if (anyWeekday) return daysOfMonthText(dayOfMonth)
  const both = dayOfWeek.startsWith('+') ? 'when that is also' : 'and also'
  return `${daysOfMonthText(dayOfMonth)}, ${both} ${weekdaysText(dayOfWeek)}`
}

/** The pattern in plain English; exact, and where no common words fit, close to how it was written. */
export const describeWhen = (when: When, { pattern, zone }: Calendar): string => {
  if (when.kind === 'once' || pattern === null)
    return `Once, on ${localText(zone.localMs(when.kind === 'once' ? when.atMs : 0))} (${zone.name}).`
  const fields: Fields = {
    ...pattern.fields,
    dayOfMonth: pattern.fields.dayOfMonth.toUpperCase(),
    month: pattern.fields.month.toUpperCase(),
    dayOfWeek: pattern.fields.dayOfWeek.toUpperCase(),
  }
  const times = timesText(pattern)
  const days = daysText(fields)
  const parts = [
    times.startsWith('At') && days === '' && pattern.hours.length < 24 ? `${times} every day` : times,
    ...(days === '' ? [] : [days]),
    ...(isStar(fields.month) ? [] : [`in ${namesText(fields.month, MONTHS, 1)}`]),
    ...(isStar(fields.year) ? [] : [`in ${fields.year.replace(/-/g, ' to ').replace(/,/g, ', ')}`]),
  ]
  return `${parts.join(', ')} (${zone.name}).`
}
