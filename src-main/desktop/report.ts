import type { LogLevel } from '../engine/core'

type Facts = Readonly<Record<string, unknown>>

/** The part of a log that the desktop shell writes to. */
export interface Report {
  info(facts: Facts, message: string): void
  warn(facts: Facts, message: string): void
  error(facts: Facts, message: string): void
}

export interface DeferredReport extends Report {
  /** Write what was kept, and everything from now on, to this log. */
  attach(log: Report): void
}

/** More than this many early lines are a flood, not a start. */
const MAX_KEPT = 500

/**
 * A log for the time before there is one: loading the real one would delay the window, so early lines are kept and
 * handed over. Lines beyond the limit are counted, not kept.
 */
export const createDeferredReport = (): DeferredReport => {
  let target: Report | undefined
  let kept: { level: Exclude<LogLevel, 'debug'>; facts: Facts; message: string }[] = []
  let dropped = 0
  const at =
    (level: Exclude<LogLevel, 'debug'>) =>
    (facts: Facts, message: string): void => {
      if (target !== undefined) target[level](facts, message)
      else if (kept.length < MAX_KEPT) kept.push({ level, facts, message })
      else dropped += 1
    }
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    attach(log) {
      target = log
      for (const line of kept) log[line.level](line.facts, line.message)
      if (dropped > 0) log.warn({ dropped }, 'early log lines were dropped')
      kept = []
    },
  }
}

/** The last resort when no log could be made: lines of JSON, with nothing of an error but its message. */
export const plainReport = (write: (line: string) => void): Report => {
  const at =
    (level: string) =>
    (facts: Facts, message: string): void => {
      const plain = Object.fromEntries(
        Object.entries(facts).map(([key, value]) => [key, value instanceof Error ? value.message : value]),
      )
      write(`${JSON.stringify({ level, ...plain, msg: message })}\n`)
    }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}
