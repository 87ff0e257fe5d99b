import type { EndCause, ErrorCode, ExecutionState, Json } from '@contract'
import type { SandboxExit } from '../sandbox'
import type { Completion } from './session'

/** Why a run was ended from outside. */
export type Interruption = 'stopped-by-operator' | 'engine-stopped' | 'execution-timeout'

export interface End {
  readonly state: ExecutionState
  readonly cause: EndCause
  readonly code: ErrorCode | null
  readonly message: string | null
  readonly exitCode: number | null
  readonly output: Json
}

export const INTERRUPTED: Readonly<Record<Interruption, Pick<End, 'state' | 'code' | 'message'>>> = {
  'stopped-by-operator': { state: 'stopped', code: 'RUN_003', message: 'A person stopped the agent.' },
  'engine-stopped': { state: 'stopped', code: 'RUN_003', message: 'The console was closed.' },
  'execution-timeout': { state: 'timed-out', code: 'RUN_002', message: 'The run took longer than its limit.' },
}

/** How a run ended, from what the sandbox saw, what the program said, and what was asked meanwhile. */
export const endOf = (exit: SandboxExit, completion: Completion | null, interruption: Interruption | null): End => {
  const output = completion?.kind === 'output' ? completion.output : null
  const base = { exitCode: exit.exitCode, output }
  // A program that had already given its output when it was interrupted did finish.
  if (interruption !== null && !(exit.exitCode === 0 && completion?.kind === 'output'))
    return { ...base, ...INTERRUPTED[interruption], cause: interruption }
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
