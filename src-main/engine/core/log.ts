import pino from 'pino'
import type { Redactor } from './redact'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Structured log. Facts go in the object, the sentence stays constant. */
export interface Log {
  debug(facts: Readonly<Record<string, unknown>>, message: string): void
  info(facts: Readonly<Record<string, unknown>>, message: string): void
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
  error(facts: Readonly<Record<string, unknown>>, message: string): void
  child(area: string): Log
}

export interface LogSink {
  write(line: string): void
}

/** JSON lines into `sink`, every one of them redacted on its way out. */
export const createLog = (options: { level: LogLevel; sink: LogSink; redactor: Redactor }): Log => {
  const root = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => options.sink.write(options.redactor.text(line)) },
  )
  const wrap = (logger: pino.Logger): Log => {
    const at =
      (level: LogLevel) =>
      (facts: Readonly<Record<string, unknown>>, message: string): void =>
        logger[level](options.redactor.value(facts), message)
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (area) => wrap(logger.child({ area })),
    }
  }
  return wrap(root)
}

/** A log that keeps nothing, for tests that do not look at it. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
}
