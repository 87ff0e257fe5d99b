import type { Clock } from '../core'

/** A program that uses less of one core than this, and says nothing, does nothing. */
const BUSY_CPU_PERCENT = 1

/** Notices a run that does nothing: no log line, no call of the gateway, no use of the processor. */
export interface IdleWatch {
  /** It did something just now. */
  touch(): void
  /** A call of it is under way: what waits for an answer is not idle. Returns how to say that it has ended. */
  busy(): () => void
  /** What was measured. Until the processor's use was told once, nobody can say that a run is idle. */
  cpu(percent: number | null): void
  /** Count from now. */
  go(): void
  halt(): void
}

export const createIdleWatch = (options: { clock: Clock; idleMs: number; onIdle: () => void }): IdleWatch => {
  const { clock, idleMs, onIdle } = options
  let lastMs = 0
  let calls = 0
  let cpuIsTold = false
  let cancel: (() => void) | null = null

  const touch = (): void => {
    lastMs = clock.monotonicMs()
  }
  /** Not moved at each touch, which may come thousands of times a second: looked at again when it is due. */
  const arm = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      cancel = null
      if (calls > 0 || !cpuIsTold) {
        arm(idleMs)
        return
      }
      const quietMs = clock.monotonicMs() - lastMs
      if (quietMs >= idleMs) onIdle()
      else arm(Math.max(1, idleMs - quietMs))
    })
  }

  return {
    touch,
    busy() {
      calls += 1
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        calls -= 1
        touch()
      }
    },
    cpu(percent) {
      if (percent === null) return
      cpuIsTold = true
      if (percent >= BUSY_CPU_PERCENT) touch()
    },
    go() {
      if (cancel !== null) return
      touch()
      arm(idleMs)
    },
    halt() {
      cancel?.()
      cancel = null
    },
  }
}
