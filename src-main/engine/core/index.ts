/** What every area of the engine builds on. */
export { assertNever } from './assert-never'
export { type Caller, engineCaller } from './callers'
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock'
export { createEvents, type EngineEvent, type Events } from './events'
export { createIds, type NewId, randomId, randomPool } from './ids'
export { stableStringify } from './json'
export { createLog, LOG_LEVELS, type Log, type LogLevel, type LogSink, silentLog } from './log'
export { createRedactor, type Redactor } from './redact'
export {
  asRuntimeError,
  isRuntimeError,
  messageOf,
  RuntimeError,
  type RuntimeErrorOptions,
  toWireError,
} from './runtime-error'
export { createSecretValue, type SecretValue } from './secret-value'
export type { Source, SourceSink } from './source'
