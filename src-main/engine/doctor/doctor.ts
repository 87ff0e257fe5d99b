import type { DoctorCheck, DoctorReport } from '@contract'
import { type Clock, messageOf } from '../core'
import type { Check, CheckResult } from './check'

const TIME_LIMIT_MS = 5000

export interface DoctorPorts {
  readonly checks: readonly Check[]
  readonly clock: Clock
  /** How long one check may take; 5 seconds when left out. */
  readonly timeLimitMs?: number
}

/** Looks at everything the product needs and says what is wrong and how to mend it. */
export interface Doctor {
  /** Runs all checks side by side, in the order given. Never rejects; a second call while one runs shares its answer. */
  run(): Promise<DoctorReport>
}

export const createDoctor = ({ checks, clock, timeLimitMs = TIME_LIMIT_MS }: DoctorPorts): Doctor => {
  let running: Promise<DoctorReport> | undefined

  const look = async (check: Check): Promise<DoctorCheck> => {
    const result = await limited(check)
    const { status, cause, fix } = result
    return { id: check.id, title: check.title, status, cause, fix, command: result.command ?? null }
  }

  const limited = (check: Check): Promise<CheckResult> =>
    new Promise((resolve, reject) => {
      const abort = new AbortController()
      const stopTimer = clock.after(timeLimitMs, () => {
        abort.abort()
        resolve({
          status: 'fail',
          cause: `The check did not end within ${timeLimitMs / 1000} seconds.`,
          fix: 'Run Doctor again. If it stays, what this check asks does not answer: restart it.',
        })
      })
      attempt(check, abort.signal).finally(stopTimer).then(resolve, reject)
    })

  const runAll = async (): Promise<DoctorReport> => {
    try {
      return { checks: await Promise.all(checks.map(look)), ranAtMs: clock.nowMs() }
    } finally {
      running = undefined
    }
  }

  return {
    run() {
      running ??= runAll()
      return running
    },
  }
}

const attempt = async (check: Check, signal: AbortSignal): Promise<CheckResult> => {
  try {
    return await check.run(signal)
  } catch (error) {
    return {
      status: 'fail',
      cause: `The check itself failed: ${messageOf(error)}`,
      fix: 'Run Doctor again. If it stays, look at the log.',
    }
  }
}
