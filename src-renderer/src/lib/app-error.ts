import type { ErrorCode, Json, WireError } from '@contract'

/** A failure as the page handles it: what the engine sent, rebuilt as an Error so that it can be thrown. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly nextStep: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, Json>>

  constructor(wire: WireError) {
    super(wire.message)
    this.code = wire.code
    this.nextStep = wire.nextStep
    this.retryable = wire.retryable
    this.details = (wire.details ?? {}) as Record<string, Json>
  }
}

/** Anything that was thrown, as an AppError; what is not ours becomes INTERNAL_001. */
export const toAppError = (thrown: unknown): AppError =>
  thrown instanceof AppError
    ? thrown
    : new AppError({
        code: 'INTERNAL_001',
        message: thrown instanceof Error ? thrown.message : 'Something unexpected went wrong in this page.',
        nextStep: 'Try again; if it stays, restart the console.',
        retryable: true,
      })

/** One field that the engine found wrong: `path` is dotted, like `limits.memoryMb`. */
export interface FieldIssue {
  readonly path: string
  readonly message: string
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The field errors that an IPC_001, AGENT_004 or SECRET_002 carries in `details.issues`. */
export const fieldIssues = (error: AppError | null): readonly FieldIssue[] => {
  const issues = error?.details['issues']
  if (!Array.isArray(issues)) return []
  return issues.flatMap((issue): FieldIssue[] => {
    if (!isRecord(issue)) return []
    const { path, message } = issue
    if (typeof message !== 'string') return []
    return [{ path: Array.isArray(path) ? path.join('.') : String(path ?? ''), message }]
  })
}

/** One spelling for a path: "/definition/limits/memoryMb" and "definition.limits.memoryMb" are both limits.memoryMb. */
const normalPath = (path: string): string => path.replaceAll('/', '.').replace(/^\.?(?:definition\.)?/, '')

/** The message for one field, or for anything inside it. */
export const issueFor = (error: AppError | null, field: string): string | undefined =>
  fieldIssues(error).find((issue) => {
    const path = normalPath(issue.path)
    return path === field || path.startsWith(`${field}.`)
  })?.message
