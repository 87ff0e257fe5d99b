import { ERRORS, type ErrorCode, type Json, type WireError } from '@contract'

export interface RuntimeErrorOptions {
  /** Redacted facts that help: field names, line numbers, rule names. Never a secret. */
  readonly details?: Readonly<Record<string, Json>>
  readonly cause?: unknown
  /** Replaces the table's next step where a better one is known. */
  readonly nextStep?: string
}

/**
 * The one error of the engine: a code of the error table and a message that is safe to show.
 * Throw it inside, translate it at the edge with {@link toWireError}.
 */
export class RuntimeError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, Json>> | undefined
  readonly nextStep: string
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, options: RuntimeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RuntimeError'
    this.code = code
    this.details = options.details
    this.nextStep = options.nextStep ?? ERRORS[code].nextStep
    this.retryable = ERRORS[code].retryable
  }
}

export const isRuntimeError = (value: unknown): value is RuntimeError => value instanceof RuntimeError

/** The text of whatever was thrown, without its stack. */
export const messageOf = (value: unknown): string => (value instanceof Error ? value.message : String(value))

/**
 * Wrap what is not ours under the given code, keeping ours as they are. The foreign text is added for codes that tell
 * of a back-end; an unexpected error and a refusal say nothing of its content, which could be anything.
 */
export const asRuntimeError = (value: unknown, code: ErrorCode, context: string): RuntimeError => {
  if (isRuntimeError(value)) return value
  const silent = code === 'INTERNAL_001' || code === 'SEC_001'
  const message = silent ? `${context}.` : `${context}: ${messageOf(value)}`
  return new RuntimeError(code, message, { cause: value })
}

/**
 * What may cross a process or network boundary. An error that is not ours says nothing of its content:
 * a foreign message can hold a path, a token or a value.
 */
export const toWireError = (value: unknown): WireError => {
  if (!isRuntimeError(value)) {
    const entry = ERRORS.INTERNAL_001
    return { code: 'INTERNAL_001', message: entry.meaning, nextStep: entry.nextStep, retryable: entry.retryable }
  }
  return {
    code: value.code,
    message: value.message,
    nextStep: value.nextStep,
    retryable: value.retryable,
    ...(value.details === undefined ? {} : { details: { ...value.details } }),
  }
}
