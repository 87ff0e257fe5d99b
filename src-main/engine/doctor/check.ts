import type { DoctorCheck } from '@contract'

/** What one look at a requirement found. */
export interface CheckResult {
  readonly status: DoctorCheck['status']
  /** What was found, as a sentence. */
  readonly cause: string
  /** What to do about it, as a sentence; empty when nothing is to do. */
  readonly fix: string
  /** The exact command that mends it, when there is one. */
  readonly command?: string | null
}

/** One requirement of the product. */
export interface Check {
  /** Stable: tests and scripts refer to it. */
  readonly id: string
  readonly title: string
  /** Looks now. May reject; the doctor makes a failure of that. `signal` aborts when its time is up. */
  run(signal: AbortSignal): Promise<CheckResult>
}

export const pass = (cause: string): CheckResult => ({ status: 'pass', cause, fix: '' })

/** @param problem what was found, what to do, and the command that does it */
export const warn = (problem: Omit<CheckResult, 'status'>): CheckResult => ({ status: 'warn', ...problem })

/** @param problem what was found, what to do, and the command that does it */
export const fail = (problem: Omit<CheckResult, 'status'>): CheckResult => ({ status: 'fail', ...problem })
