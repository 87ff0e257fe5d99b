import type { EndCause, ErrorCode, ExecutionState, Json } from '@contract'
import type { SandboxExit } from '../sandbox'
import type { Completion } from './session'

/** Why a run was ended from outside. */
export type Interruption =
  | 'stopped-by-operator'
  | 'cancelled'
  | 'preempted'
  | 'engine-stopped'
  | 'initialization-timeout'
  | 'execution-timeout'
  | 'idle-timeout'
  | 'resource-violation'

export interface End {
  readonly state: ExecutionState
  readonly cause: EndCause
  readonly code: ErrorCode | null
  readonly message: string | null
  readonly exitCode: number | null
  readonly output: Json
}

interface Interrupted {
  readonly state: ExecutionState
  readonly code: ErrorCode
  readonly message: string
}

export const INTERRUPTED: Readonly<Record<Interruption, Interrupted>> = {
  'stopped-by-operator': { state: 'stopped', code: 'RUN_003', message: 'A person stopped the agent.' },
  cancelled: { state: 'stopped', code: 'RUN_003', message: 'The run was cancelled.' },
  preempted: { state: 'stopped', code: 'RUN_003', message: 'Something more urgent needed its place.' },
  'engine-stopped': { state: 'stopped', code: 'RUN_003', message: 'The console was closed.' },
  'initialization-timeout': {
    state: 'timed-out',
    code: 'SANDBOX_002',
    message: 'The sandbox was not ready within the time for it (lifecycle.initialization_timeout).',
  },
  'execution-timeout': { state: 'timed-out', code: 'RUN_002', message: 'The run took longer than its limit.' },
  'idle-timeout': { state: 'timed-out', code: 'RUN_006', message: 'The run did nothing for longer than its limit.' },
  'resource-violation': {
    state: 'failed',
    code: 'RESOURCE_003',
    message: 'The run used more than it was granted, again and again.',
  },
}

/** How a run ended, from what the sandbox saw, what the program said, and what was asked meanwhile. */
export const endOf = (
  exit: SandboxExit,
  completion: Completion | null,
  interruption: { readonly cause: Interruption; readonly message: string } | null,
): End => {
  const output = completion?.kind === 'output' ? completion.output : null
  const base = { exitCode: exit.exitCode, output }
  // A program that had already given its output when it was interrupted did finish.
  if (interruption !== null && !(exit.exitCode === 0 && completion?.kind === 'output'))
    return { ...base, ...INTERRUPTED[interruption.cause], ...interruption }
  if (exit.outOfMemory)
    return {
      ...base,
      state: 'failed',
      cause: 'out-of-memory',
      code: 'RUN_001',
      message: 'The run used more memory than its limit.',
    }
  if (completion?.kind === 'error')
    return {
      ...base,
      state: 'failed',
      cause: 'program-error',
      code: completion.code ?? 'RUN_001',
      message: completion.message,
    }
  if (exit.exitCode === 0) return { ...base, state: 'succeeded', cause: 'completed', code: null, message: null }
  if (exit.signal !== null || exit.exitCode === 137)
    return {
      ...base,
      state: 'failed',
      cause: 'killed',
      code: 'RUN_001',
      message: `The program was killed (${exit.signal ?? 'SIGKILL'}).`,
    }
  return {
    ...base,
    state: 'failed',
    cause: 'program-error',
    code: 'RUN_001',
    message: `The program ended with exit code ${exit.exitCode ?? 'unknown'}.`,
  }
}
